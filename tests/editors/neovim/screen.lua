--- A Neovim with a screen of its own, as the one in a terminal has, and pictures of it: the editor draws its grid over RPC.
local M = {}
M.__index = M

--- Starts one in the current folder.
---@param arguments string[]
---@param columns integer
---@param lines integer
function M.start(arguments, columns, lines)
  local self = setmetatable({ columns = columns, lines = lines, cells = {}, styles = { [0] = {} }, answers = {}, last = 0 }, M)
  local input, output = vim.uv.new_pipe(), vim.uv.new_pipe()
  local args = { '--embed', unpack(arguments) }
  self.process = assert(vim.uv.spawn(vim.v.progpath, { args = args, stdio = { input, output, nil } }, function() end))
  self.input = input
  local handle = function(data)
    return data
  end
  local unpacker = vim.mpack.Unpacker({ ext = { [0] = handle, [1] = handle, [2] = handle } })
  local rest = ''
  output:read_start(function(_, data)
    rest = rest .. (data or '')
    local at = 1
    while at <= #rest do
      local message, next = unpacker(rest, at)
      at = next
      if message == nil then
        break
      end
      self:take(message)
    end
    rest = rest:sub(at)
  end)
  self:ask('nvim_ui_attach', columns, lines, { rgb = true, ext_linegrid = true })
  return self
end

--- Calls a function of its API and returns the answer.
function M:ask(method, ...)
  self.last = self.last + 1
  local number = self.last
  self.input:write(vim.mpack.encode({ 0, number, method, { ... } }))
  assert(vim.wait(30000, function()
    return self.answers[number] ~= nil
  end, 5), method .. ' is not answered')
  local answer = self.answers[number]
  self.answers[number] = nil
  if answer.problem ~= vim.NIL then
    error(method .. ': ' .. vim.inspect(answer.problem), 0)
  end
  return answer.result
end

--- Runs Lua in it.
function M:lua(code, ...)
  return self:ask('nvim_exec_lua', code, { ... })
end

function M:stop()
  self.process:kill('sigkill')
end

function M:take(message)
  if message[1] == 1 then
    self.answers[message[2]] = { problem = message[3], result = message[4] }
  elseif message[1] == 2 and message[2] == 'redraw' then
    for _, event in ipairs(message[3]) do
      local draw = M[event[1]]
      for index = 2, draw and #event or 0 do
        draw(self, unpack(event[index]))
      end
    end
  end
end

function M:default_colors_set(foreground, background, special)
  self.colors = { foreground = foreground, background = background, special = special }
end

function M:hl_attr_define(id, attributes)
  self.styles[id] = attributes
end

function M:grid_clear()
  self.cells = {}
end

function M:grid_line(_, row, column, cells)
  local style
  self.cells[row] = self.cells[row] or {}
  for _, cell in ipairs(cells) do
    style = cell[2] or style
    for _ = 1, cell[3] or 1 do
      self.cells[row][column] = { text = cell[1], style = style }
      column = column + 1
    end
  end
end

function M:grid_cursor_goto(_, row, column)
  self.cursor = { row, column }
end

function M:grid_scroll(_, top, bottom, left, right, rows)
  local first, last, step = top, bottom - 1 - rows, 1
  if rows < 0 then
    first, last, step = bottom - 1, top - rows, -1
  end
  for row = first, last, step do
    local from = self.cells[row + rows] or {}
    self.cells[row] = self.cells[row] or {}
    for column = left, right - 1 do
      self.cells[row][column] = from[column]
    end
  end
end

--- The text on it, a line a row.
function M:text()
  local rows = {}
  for row = 0, self.lines - 1 do
    local line = {}
    for column = 0, self.columns - 1 do
      local cell = (self.cells[row] or {})[column]
      table.insert(line, cell and cell.text or ' ')
    end
    table.insert(rows, table.concat(line))
  end
  return table.concat(rows, '\n')
end

local WIDTH, HEIGHT = 8.4, 18

local function color(number)
  return ('#%06x'):format(number)
end

local function escaped(text)
  return (text:gsub('[&<> ]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', [' '] = '\u{a0}' }))
end

--- The colors of a style, and what is below its text.
function M:look(id)
  local style = self.styles[id] or {}
  local foreground, background = style.foreground or self.colors.foreground, style.background or self.colors.background
  if style.reverse then
    foreground, background = background, foreground
  end
  local line = style.undercurl and 'curl' or style.underline and 'line'
  return {
    foreground = color(foreground),
    background = color(background),
    line = line,
    special = color(style.special or foreground),
    bold = style.bold,
    italic = style.italic,
  }
end

--- The runs of one row that look the same: each with its first column, its width and its text.
function M:runs(row)
  local runs = {}
  for column = 0, self.columns - 1 do
    local cell = (self.cells[row] or {})[column] or { text = ' ', style = 0 }
    local last = runs[#runs]
    -- What is wide has an empty cell behind it, and a run of its own: fonts differ in how wide that is.
    local is_wide = #cell.text > 1
    if last and cell.text == '' then
      last.width = last.width + 1
      last.is_closed = true
    elseif last and last.style == cell.style and not last.is_closed and not is_wide then
      last.width, last.text = last.width + 1, last.text .. cell.text
    else
      table.insert(runs, { column = column, width = 1, text = cell.text, style = cell.style, is_closed = is_wide })
    end
  end
  return runs
end

--- The screen as a picture.
---@return string
function M:svg()
  local width, height = self.columns * WIDTH + 24, self.lines * HEIGHT + 24
  local out = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g">'):format(width, height, width, height),
    ('<rect width="100%%" height="100%%" rx="8" fill="%s"/>'):format(color(self.colors.background)),
    '<g transform="translate(12 12)" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">',
  }
  local function add(...)
    table.insert(out, string.format(...))
  end
  for row = 0, self.lines - 1 do
    local top = row * HEIGHT
    for _, run in ipairs(self:runs(row)) do
      local look, left, wide = self:look(run.style), run.column * WIDTH, run.width * WIDTH
      if look.background ~= color(self.colors.background) then
        add('<rect x="%g" y="%g" width="%g" height="%d" fill="%s"/>', left, top, wide, HEIGHT, look.background)
      end
      -- Readers of pictures disagree about spaces: none stands at an end, and those between do not break.
      local before, text = run.text:match('^( *)(.-) *$')
      if text ~= '' then
        local weight = (look.bold and ' font-weight="bold"' or '') .. (look.italic and ' font-style="italic"' or '')
        local length = (run.is_closed and run.width or #text) * WIDTH
        add('<text x="%g" y="%g" textLength="%g" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>', left + #before * WIDTH, top + 13, length, look.foreground, weight, escaped(text))
      end
      if look.line == 'line' then
        add('<path d="M%g %gh%g" stroke="%s"/>', left, top + 16, wide, look.special)
      elseif look.line == 'curl' then
        local waves = ('q2.1 -3 4.2 0t4.2 0'):rep(run.width)
        add('<path d="M%g %g%s" stroke="%s" fill="none"/>', left, top + 16, waves, look.special)
      end
    end
  end
  if self.cursor then
    local row, column = unpack(self.cursor)
    add('<rect x="%g" y="%g" width="%g" height="%d" fill="%s" opacity="0.6"/>', column * WIDTH, row * HEIGHT, WIDTH, HEIGHT, color(self.colors.foreground))
  end
  table.insert(out, '</g></svg>\n')
  return table.concat(out, '\n')
end

return M
