---@brief
--- Shipworthy's language server, for `vim.lsp.enable('shipworthy')` in Neovim 0.11 and later.
--- Policy belongs in `shipworthy.toml`, which every editor and the command line share.

---@type vim.lsp.Config
return {
  cmd = { 'shipworthy', 'server' },
  -- Code, and the files around it; of those, what the server does not know it leaves alone.
  filetypes = {
    'python', 'go', 'rust',
    'toml', 'dockerfile', 'yaml', 'yaml.docker-compose', 'yaml.gitlab', 'sql', 'env', 'sh', 'requirements', 'gomod', 'cfg', 'dosini',
  },
  -- The whole repository before one of its packages: an audit is about all that ships together.
  root_markers = { 'shipworthy.toml', '.git', { 'pyproject.toml', 'go.mod', 'Cargo.toml' } },
  on_exit = function(code, signal)
    require('shipworthy').exited(code, signal)
  end,
}
