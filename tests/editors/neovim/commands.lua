-- The buffer's own commands, and `:checkhealth shipworthy`.
local rule = 'timing-unsafe-comparison'

return function(t)
  local buffer = t.open('app.py')
  t.wait('the finding comes', function()
    return #t.findings(buffer, rule) == 1
  end)
  vim.cmd('LspShipworthyFixAll')
  t.wait(':LspShipworthyFixAll changes the code', function()
    return t.text(buffer):find('hmac.compare_digest(', 1, true)
  end)
  vim.cmd('silent undo')

  vim.cmd('checkhealth shipworthy')
  local report = t.text(0)
  t.check(not report:find('ERROR') and not report:find('WARNING'), 'the health check is content:\n' .. report)
  t.check(report:find('shipworthy 0.', 1, true), 'it shows the version')
  t.check(report:find('findings are pushed', 1, true), 'it shows how findings arrive')
  t.check(report:find('workspace/shipworthy.toml', 1, true), 'it shows the settings file')
end
