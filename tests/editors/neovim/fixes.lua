-- A chain leads through the code, also into another file; all fixes of a file are applied at once, and undone at once.
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

  local caller, helper = t.open('orders.py'), t.open('ledger.py')
  local rule = 'blocking-call-in-async'
  vim.fn.search('return')
  vim.cmd('silent normal! Otime.sleep(1)')
  t.wait('a blocking call in a helper shows in the other open file', function()
    return #t.findings(caller, rule) == 1
  end)
  local finding = t.findings(caller, rule)[1]
  t.check(t.underlined(caller, finding) == 'ledger.record(order)', 'where the coroutine calls')
  local steps = finding.user_data.lsp.relatedInformation
  t.check(steps[#steps].location.uri == vim.uri_from_bufnr(helper), 'with a chain that leads into the helper')
  vim.cmd('silent undo')
  t.wait('it goes with the call', function()
    return #t.findings(caller, rule) == 0
  end)
end
