-- Pictures for people, of a real screen: a finding with its page, the fixes that are offered, an audit. They are written to $OUT.
local Screen = dofile(vim.fs.joinpath(vim.fs.dirname(vim.env.TEST), 'screen.lua'))

local CONFIGURATION = [[
vim.o.termguicolors, vim.o.swapfile, vim.o.shadafile = true, false, 'NONE'
vim.o.linebreak = true
vim.o.number, vim.o.signcolumn, vim.o.laststatus, vim.o.ruler = true, 'yes', 0, false
vim.lsp.enable('shipworthy')
vim.diagnostic.config({ virtual_text = true })
]]

return function(t)
  local init = vim.fn.tempname() .. '.lua'
  vim.fn.writefile(vim.split(CONFIGURATION, '\n'), init)
  local screen = Screen.start({ '-u', init, 'app.py' }, 110, 32)
  local function shows(what, text)
    local shown = vim.wait(30000, function()
      return screen:text():find(text, 1, true) ~= nil
    end, 10)
    t.check(shown, what .. (shown and '' or ':\n' .. screen:text()))
  end
  local function picture(name)
    screen:ask('nvim_command', 'redraw')
    vim.wait(100)
    local file = assert(io.open(vim.fs.joinpath(vim.env.OUT, name .. '.svg'), 'w'))
    file:write(screen:svg())
    file:close()
  end

  t.wait('the findings come', function()
    return screen:lua('return #vim.diagnostic.get(0)') > 0
  end)
  shows('a finding is written behind its line', 'compared with')
  local line, column = unpack(screen:lua([[
    local found = vim.iter(vim.diagnostic.get(0)):rfind(function(finding) return finding.code == 'timing-unsafe-comparison' end)
    return { found.lnum, found.col }
  ]]))
  screen:ask('nvim_win_set_cursor', 0, { line + 1, column })
  screen:lua('vim.lsp.buf.hover({ border = "rounded", max_width = 84, max_height = 18 })')
  shows('the hover shows what the rule is about', 'timing-unsafe-comparison ·')
  picture('finding')

  screen:ask('nvim_input', '<Esc>hl')
  screen:ask('nvim_input', 'gra')
  shows('the fixes are offered', 'Show what timing-unsafe-comparison is about')
  picture('fix')
  screen:ask('nvim_input', '<Esc>')

  screen:ask('nvim_command', 'LspShipworthyAudit')
  t.wait('the audit ends', function()
    return screen:lua("return vim.fn.bufnr('^shipworthy://report$') ~= -1")
  end)
  screen:lua([[
    vim.cmd('only | normal! Gzb')
    vim.cmd('botright copen 9 | wincmd p')
    vim.cmd('echo')
  ]])
  shows('the report and the list are shown', 'shipworthy://report')
  picture('audit')
  screen:stop()
end
