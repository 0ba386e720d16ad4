-- Settings take effect while they are typed, mistakes in them are marked, and a finding is ignored where it is.
local rule = 'timing-unsafe-comparison'

return function(t)
  local code = t.open('app.py')
  local function there(count)
    return function()
      return #t.findings(code, rule) == count
    end
  end
  t.wait('the finding comes', there(1))
  local settings = t.open('shipworthy.toml')
  vim.api.nvim_buf_set_lines(settings, -1, -1, false, { '[rules]', rule .. ' = "off"' })
  t.wait('a setting takes effect while it is typed', there(0))
  vim.api.nvim_buf_set_lines(settings, -2, -1, false, { rule .. 's = "off"' })
  t.wait('a mistake is marked', function()
    local mistake = t.findings(settings, 'invalid-setting')[1]
    return mistake and mistake.lnum == 2
  end)
  t.wait('and does nothing', there(1))
  vim.api.nvim_win_set_cursor(0, { 3, 0 })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.isPreferred
    end,
  })
  t.wait('its fix writes the right name', function()
    return t.text(settings):find(rule .. ' = "off"', 1, true)
  end)
  t.wait('which takes effect', there(0))
  vim.cmd('silent edit!')
  t.wait('without it all is as it was', there(1))

  vim.api.nvim_set_current_buf(code)
  local finding = t.findings(code, rule)[1]
  vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, 'Ignore ')
    end,
  })
  t.wait('ignoring writes a comment', function()
    return t.text(code):find('shipworthy: ignore[' .. rule .. ']', 1, true)
  end)
  t.wait('and the finding goes', there(0))
end
