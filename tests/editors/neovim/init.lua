-- A user's configuration, then the test that $TEST names. Ends with 0 when the test passes.
vim.o.swapfile, vim.o.shadafile = false, 'NONE'
vim.lsp.enable('shipworthy')

local t = { published = {} }

-- What the server said last of each buffer, and every set since the test asked to watch.
vim.api.nvim_create_autocmd('DiagnosticChanged', {
  callback = function(event)
    t.published[event.buf] = event.data.diagnostics
    if t.watch then
      t.watch(event.buf, event.data.diagnostics)
    end
  end,
})

function t.say(text)
  io.stdout:write(text .. '\n')
end

function t.check(passed, what)
  if not passed then
    error('failed: ' .. what, 0)
  end
  t.say('ok: ' .. what)
end

--- Waits, up to half a minute, until `condition` holds.
function t.wait(what, condition)
  t.check(vim.wait(30000, condition, 10), what)
end

--- Opens a file of the workspace, waits for its server and returns its buffer.
function t.open(name)
  vim.cmd.edit(name)
  local buffer = vim.api.nvim_get_current_buf()
  t.wait(name .. ': the server starts', function()
    local client = t.client(buffer)
    return client and client.initialized
  end)
  return buffer
end

function t.client(buffer)
  return vim.lsp.get_clients({ bufnr = buffer, name = 'shipworthy' })[1]
end

function t.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

--- The findings of one rule in a buffer.
function t.findings(buffer, rule)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'shipworthy' and diagnostic.code == rule
  end, vim.diagnostic.get(buffer))
end

--- The code that a finding underlines.
function t.underlined(buffer, finding)
  local lines =
    vim.api.nvim_buf_get_text(buffer, finding.lnum, finding.col, finding.end_lnum, finding.end_col, {})
  return table.concat(lines, '\n')
end

local function main()
  dofile(vim.env.TEST)(t)
end

vim.api.nvim_create_autocmd('VimEnter', {
  once = true,
  callback = vim.schedule_wrap(function()
    -- Whatever happens, the test ends.
    vim.defer_fn(function()
      t.say('failed: it took more than three minutes')
      vim.cmd('cquit! 2')
    end, 180000)
    local passed, problem = xpcall(main, function(problem)
      return type(problem) == 'string' and problem:find('^failed:') and problem or debug.traceback(problem)
    end)
    if not passed then
      t.say(problem)
      for buffer, diagnostics in pairs(t.published) do
        t.say(vim.api.nvim_buf_get_name(buffer) .. ': ' .. vim.inspect(diagnostics))
      end
      local log = io.open(vim.lsp.get_log_path())
      t.say(log and log:read('*a') or 'no log of the client')
    end
    vim.cmd(passed and 'qall!' or 'cquit! 1')
  end),
})
