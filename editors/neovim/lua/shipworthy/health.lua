--- `:checkhealth shipworthy`
local M = {}

local health = vim.health

---@return string[]? command that starts the server, as it is configured
local function command()
  local cmd = (vim.lsp.config.shipworthy or {}).cmd
  return type(cmd) == 'table' and cmd or nil
end

local function check_server()
  health.start('Server')
  if not vim.lsp.is_enabled('shipworthy') then
    health.warn('Shipworthy is not enabled.', "Add `vim.lsp.enable('shipworthy')` to your configuration.")
  end
  local cmd = command()
  if not cmd then
    health.info('The server is started by a function; its program cannot be checked here.')
    return
  end
  local program = vim.fn.exepath(cmd[1])
  if program == '' then
    health.error(('`%s` is not on the PATH.'):format(cmd[1]), {
      'Install it, for example with `cargo install --path crates/cli` in a clone of the repository.',
      "Or name it: `vim.lsp.config('shipworthy', { cmd = { '/path/to/shipworthy', 'server' } })`.",
    })
    return
  end
  local run = vim.system({ program, '--version' }, { text = true }):wait()
  if run.code == 0 then
    health.ok(('%s (%s)'):format(vim.trim(run.stdout), program))
  else
    health.error(('`%s --version` failed: %s'):format(program, vim.trim(run.stderr)))
  end
end

local function check_clients()
  health.start('Workspaces')
  local clients = vim.lsp.get_clients({ name = 'shipworthy' })
  if #clients == 0 then
    health.info('No server is running: open a Python, Go or Rust file.')
  end
  for _, client in ipairs(clients) do
    local push_or_pull = client:supports_method('textDocument/diagnostic') and 'pulled' or 'pushed'
    health.ok(('%s: positions in %s, findings are %s'):format(
      client.root_dir or 'files without a workspace',
      client.offset_encoding,
      push_or_pull
    ))
    local settings = client.root_dir and vim.fs.joinpath(client.root_dir, 'shipworthy.toml')
    if settings and vim.uv.fs_stat(settings) then
      health.info('Settings: ' .. settings)
    else
      health.info('Settings: none at the root; the defaults are in force unless a folder below has its own.')
    end
  end
end

function M.check()
  health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.11 or later is needed for `vim.lsp.enable`.', 'See `:help shipworthy-older`.')
    return
  end
  check_server()
  check_clients()
end

return M
