-- What is not a file of the workspace: a file elsewhere, a buffer that was never written; and workspaces with settings of their own.
local rule = 'timing-unsafe-comparison'

return function(t)
  local code = vim.fn.readfile('app.py')
  local outside = vim.fn.tempname() .. '.py'
  vim.fn.writefile(code, outside)
  local buffer = t.open(outside)
  t.wait('a file outside the workspace has its finding', function()
    return #t.findings(buffer, rule) == 1
  end)

  local lenient = vim.fn.tempname()
  vim.fn.mkdir(lenient)
  vim.fn.writefile({ '[rules]', rule .. ' = "off"' }, lenient .. '/shipworthy.toml')
  table.insert(code, 'import requests')
  table.insert(code, 'requests.get("https://example.org")')
  vim.fn.writefile(code, lenient .. '/app.py')
  local here, there = t.open('app.py'), t.open(lenient .. '/app.py')
  t.wait('each workspace has its own settings', function()
    return #t.findings(here, rule) == 1 and #t.findings(there, 'missing-timeout') == 1
  end)
  t.check(#t.findings(there, rule) == 0, 'what is off in one is off there only')

  vim.cmd.edit('unwritten.py')
  buffer = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, { 'import requests', '', 'requests.get("https://example.org")' })
  t.wait('a buffer that was never written has its finding', function()
    return #t.findings(buffer, 'missing-timeout') == 1
  end)
  t.check(vim.uv.fs_stat('unwritten.py') == nil, 'and is not written by it')
end
