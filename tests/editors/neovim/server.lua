-- The server is restarted, killed, and killed again and again.
local rule = 'timing-unsafe-comparison'

return function(t)
  local buffer = t.open('app.py')
  local function there()
    return #t.findings(buffer, rule) == 1
  end
  t.wait('the finding comes', there)

  local function servers()
    return vim.api.nvim_get_proc_children(vim.fn.getpid())
  end
  local first = servers()[1]
  vim.lsp.enable('shipworthy', false)
  t.wait('a server that is told to end does', function()
    return #servers() == 0 and not t.client(buffer)
  end)
  vim.lsp.enable('shipworthy')
  t.wait('it can be started again, and says the same', function()
    return t.client(buffer) and there()
  end)

  local said = {} ---@type string[]
  vim.notify = function(message)
    -- Neovim itself says of each client how it ended.
    if vim.startswith(message, 'Shipworthy: ') then
      table.insert(said, message)
    end
  end
  local function kill()
    local victim = servers()[1]
    vim.uv.kill(victim, 'sigkill')
    t.wait('it is gone', function()
      return not vim.list_contains(servers(), victim)
    end)
  end
  t.check(servers()[1] ~= first, 'it is another one')
  kill()
  t.wait('a server that is killed comes back', function()
    local client = t.client(buffer)
    return client and client.initialized and #servers() == 1
  end)
  t.wait('with its finding', there)
  t.check(#said == 0, 'without a word')
  for _ = 1, 2 do
    kill()
    t.wait('it comes back', function()
      local client = t.client(buffer)
      return client and client.initialized and #servers() == 1
    end)
  end
  kill()
  t.wait('one that ends again and again is left alone, with one message', function()
    return #said == 1 and said[1]:find('again and again', 1, true) and #servers() == 0
  end)
end
