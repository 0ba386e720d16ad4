-- The hover, the buffer's own commands, and `:checkhealth shipworthy`.
local rule = 'timing-unsafe-comparison'

return function(t)
  local buffer = t.open('app.py')
  t.wait('the finding comes', function()
    return #t.findings(buffer, rule) == 1
  end)
  local finding = t.findings(buffer, rule)[1]
  vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })

  vim.lsp.buf.hover()
  t.wait('the hover shows what the rule is about', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      local floats = vim.api.nvim_win_get_config(window).relative ~= ''
      if floats and t.text(vim.api.nvim_win_get_buf(window)):find(rule, 1, true) then
        return true
      end
    end
  end)

  vim.cmd('LspShipworthyExplain')
  t.wait(':LspShipworthyExplain opens its page', function()
    return vim.api.nvim_buf_get_name(0):find(rule .. '.md', 1, true)
  end)
  vim.api.nvim_set_current_buf(buffer)

  vim.cmd('LspShipworthyFixAll')
  t.wait(':LspShipworthyFixAll changes the code', function()
    return t.text(buffer):find('hmac.compare_digest(', 1, true)
  end)
  vim.cmd('silent undo')

  vim.cmd('silent helptags ALL')
  vim.cmd('help shipworthy-older')
  t.check(vim.bo.filetype == 'help' and t.text(0):find('vim.lsp.start', 1, true), ':help has a chapter on older versions')
  vim.cmd('helpclose')

  vim.cmd('checkhealth shipworthy')
  local report = t.text(0)
  t.check(not report:find('ERROR') and not report:find('WARNING'), 'the health check is content:\n' .. report)
  t.check(report:find('shipworthy 0.', 1, true), 'it shows the version')
  t.check(report:find('findings are pushed', 1, true), 'it shows how findings arrive')
  t.check(report:find('workspace/shipworthy.toml', 1, true), 'it shows the settings file')
end
