-- The audit: its progress, the findings of closed files, the way to a line, and how it is stopped.
return function(t)
  local kinds = {} ---@type string[]
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function(event)
      table.insert(kinds, event.data.params.value.kind)
    end,
  })
  t.open('app.py')

  vim.cmd('LspShipworthyAudit')
  local function report()
    return vim.fn.bufnr('^shipworthy://report$')
  end
  t.wait('the report is shown', function()
    return vim.api.nvim_get_current_buf() == report()
  end)
  t.check(t.text(report()):find('main.go', 1, true), 'it has findings of closed files')
  t.check(not vim.bo.modifiable and vim.bo.buftype == 'nofile', 'in a buffer that is no file')
  -- The server proposes a progress and does not wait for it: a short audit may be over first.
  t.wait('LspProgress tells its begin and its end', function()
    return kinds[1] == 'begin' and kinds[#kinds] == 'end'
  end)

  local list = vim.fn.getqflist()
  t.check(#list >= 7, ('the quickfix list has them: %d'):format(#list))
  vim.cmd('close')
  local number = vim.iter(ipairs(list)):find(function(_, entry)
    return entry.type == 'E' and vim.fs.basename(vim.fn.bufname(entry.bufnr)) == 'app.py'
  end)
  vim.cmd('silent cc ' .. number)
  local column = vim.api.nvim_win_get_cursor(0)[2]
  local rest = vim.api.nvim_get_current_line():sub(column + 1)
  t.check(vim.startswith(rest, 'token == expected_token'), 'an entry leads to its code, behind an emoji')

  -- Something that takes a while.
  vim.fn.mkdir('many')
  local code = vim.fn['repeat'](vim.fn.readfile('payments.py'), 20)
  for number = 1, 300 do
    vim.fn.writefile(code, ('many/part%d.py'):format(number))
  end
  kinds = {}
  local said = {} ---@type string[]
  local notify = vim.notify
  vim.notify = function(message)
    table.insert(said, message)
  end
  vim.cmd('LspShipworthyAudit')
  t.wait('a long audit tells how far it is', function()
    return vim.list_contains(kinds, 'report')
  end)
  vim.cmd('LspShipworthyAudit!')
  t.wait('it stops when told to', function()
    return said[1] and said[1]:find('stopped', 1, true)
  end)
  t.wait('and says that it did', function()
    return kinds[#kinds] == 'end'
  end)
  vim.notify = notify
  t.check(#vim.fn.getqflist() == #list, 'the list is as it was')
end
