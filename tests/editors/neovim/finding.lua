-- In each language: the finding is where it belongs, the quick fix changes the code and ends it, undo brings both back.
local rule = 'timing-unsafe-comparison'
local cases = {
  { file = 'app.py', underlined = 'token == expected_token', fixed = 'hmac.compare_digest(' },
  { file = 'main.go', underlined = 'token == expectedToken', fixed = 'subtle.ConstantTimeCompare(' },
  { file = 'src/lib.rs', underlined = 'token == expected_token', fixed = '.ct_eq(' },
}

return function(t)
  for _, case in ipairs(cases) do
    local function name(what)
      return case.file .. ': ' .. what
    end

    local buffer = t.open(case.file)
    local before = t.text(buffer)
    t.wait(name('the finding comes'), function()
      return #t.findings(buffer, rule) == 1
    end)
    local finding = t.findings(buffer, rule)[1]
    t.check(t.underlined(buffer, finding) == case.underlined, name('it underlines ' .. t.underlined(buffer, finding)))
    t.check(finding.severity == vim.diagnostic.severity.ERROR, name('a blocking finding is an error'))

    vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        return action.kind == 'quickfix' and action.isPreferred
      end,
    })
    t.wait(name('the quick fix changes the code'), function()
      return t.text(buffer):find(case.fixed, 1, true)
    end)
    t.wait(name('the finding goes'), function()
      return #t.findings(buffer, rule) == 0
    end)

    vim.cmd('silent undo')
    t.check(t.text(buffer) == before, name('one undo brings the code back'))
    t.wait(name('and the finding'), function()
      return #t.findings(buffer, rule) == 1
    end)
  end
end
