-- In each language: broken code typed above a finding moves it, and at no moment takes it away.
local rule = 'timing-unsafe-comparison'
local cases = {
  { file = 'app.py', broken = 'total = (1,' },
  { file = 'main.go', broken = 'func broken( {' },
  { file = 'src/lib.rs', broken = 'fn broken( {' },
}

return function(t)
  for _, case in ipairs(cases) do
    local buffer = t.open(case.file)
    t.wait(case.file .. ': the finding comes', function()
      return #t.findings(buffer, rule) == 1
    end)
    local finding = t.findings(buffer, rule)[1]
    local underlined = t.underlined(buffer, finding)

    local lost = false
    t.watch = function(changed)
      lost = lost or (changed == buffer and #t.findings(buffer, rule) == 0)
    end
    -- The line after the imports: a letter at a time, as it is typed.
    local above = case.file == 'app.py' and 2 or 4
    vim.api.nvim_win_set_cursor(0, { above, 0 })
    vim.api.nvim_feedkeys(vim.keycode('o' .. case.broken .. '<Esc>'), 'xt', false)
    t.check(t.text(buffer):find(case.broken, 1, true), case.file .. ': the broken line is there')
    t.wait(case.file .. ': the finding moves with its code', function()
      local found = t.findings(buffer, rule)[1]
      return found and found.lnum == finding.lnum + 1 and t.underlined(buffer, found) == underlined
    end)

    vim.cmd('silent undo')
    t.wait(case.file .. ': it moves back when the line goes', function()
      local found = t.findings(buffer, rule)[1]
      return found and found.lnum == finding.lnum and t.underlined(buffer, found) == underlined
    end)
    t.check(not lost, case.file .. ': it never went away')
    t.watch = nil
  end
end
