-- A chain leads through the code; all fixes of a file are applied at once, and undone at once.
return function(t)
  local buffer = t.open('payments.py')
  local before = t.text(buffer)
  t.wait('the findings come', function()
    return #t.findings(buffer, 'missing-timeout') == 2
  end)
  local chained = vim.iter(t.findings(buffer, 'blocking-call-in-async')):find(function(finding)
    return finding.user_data.lsp.relatedInformation
  end)
  t.check(t.underlined(buffer, chained) == 'wait_for_settlement()', 'a call that blocks is marked where the coroutine makes it')
  local step = chained.user_data.lsp.relatedInformation[1].location
  t.check(step.range.start.line == 15 and step.uri == vim.uri_from_bufnr(buffer), 'its chain leads to the helper')

  vim.cmd('LspShipworthyFixAll')
  t.wait('all are fixed', function()
    return select(2, t.text(buffer):gsub('timeout=', '')) == 2
  end)
  t.wait('and their findings go', function()
    return #t.findings(buffer, 'missing-timeout') == 0
  end)
  vim.cmd('silent undo')
  t.check(t.text(buffer) == before, 'one undo brings the code back')
  t.wait('and the findings', function()
    return #t.findings(buffer, 'missing-timeout') == 2
  end)
end
