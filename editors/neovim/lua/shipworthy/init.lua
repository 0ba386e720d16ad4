--- What a buffer can ask of Shipworthy beyond what Neovim offers for every language server.
local M = {}

---@class shipworthy.Place
---@field line integer counted from 1
---@field column integer counted from 1, in characters

---@class shipworthy.Finding
---@field rule string
---@field severity 'blocking'|'high'|'medium'|'low'
---@field path string relative to the root of its workspace
---@field range { start: shipworthy.Place, ['end']: shipworthy.Place }
---@field message string
---@field suppressed? table

---@class shipworthy.Audit
---@field workspace { root: string }
---@field findings shipworthy.Finding[]

---@class shipworthy.Answer
---@field report string
---@field audits? shipworthy.Audit[] one a workspace; older servers give none

---@type { client: integer, request: integer }? the audit that runs
local running

---@param buffer? integer
---@return vim.lsp.Client?
local function client_of(buffer)
  return vim.lsp.get_clients({ bufnr = buffer or 0, name = 'shipworthy' })[1]
end

---@param message string
---@param level? integer
local function say(message, level)
  vim.notify('Shipworthy: ' .. message, level or vim.log.levels.INFO)
end

--- Applies every safe fix in the current buffer.
function M.fix_all()
  vim.lsp.buf.code_action({ context = { only = { 'source.fixAll.shipworthy' }, diagnostics = {} }, apply = true })
end

--- Shows the page of a rule, or of the rule behind the finding in the cursor's line.
---@param rule? string
function M.explain(rule)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  rule = rule or M.rules(0, line)[1]
  if not rule then
    return say('there is no finding in this line.')
  end
  local client = client_of()
  if client then
    client:exec_cmd({ title = 'Show the rule', command = 'shipworthy.showRule', arguments = { rule } })
  end
end

--- The rules that have findings in a buffer, each once.
---@param buffer integer
---@param line? integer only this line, counted from 0
---@return string[]
function M.rules(buffer, line)
  local rules = {} ---@type string[]
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer, { lnum = line })) do
    local rule = diagnostic.code
    if diagnostic.source == 'shipworthy' and type(rule) == 'string' and not vim.list_contains(rules, rule) then
      table.insert(rules, rule)
    end
  end
  return rules
end

--- The findings of an audit as a quickfix list has them: with columns in bytes.
---@param audits shipworthy.Audit[]
---@return vim.quickfix.entry[]
local function quickfix(audits)
  local types = { blocking = 'E', high = 'W', medium = 'I', low = 'N' }
  local texts = {} ---@type table<string, string[]>
  local entries = {} ---@type vim.quickfix.entry[]
  for _, audit in ipairs(audits) do
    for _, finding in ipairs(audit.findings) do
      local file = vim.fs.joinpath(audit.workspace.root, finding.path)
      if not texts[file] then
        local read, lines = pcall(vim.fn.readfile, file)
        texts[file] = read and lines or {}
      end
      local function column(place)
        return vim.str_byteindex(texts[file][place.line] or '', 'utf-32', place.column - 1, false) + 1
      end
      local first, last = finding.range.start, finding.range['end']
      if finding.suppressed == nil or finding.suppressed == vim.NIL then
        table.insert(entries, {
          filename = file,
          lnum = first.line,
          col = column(first),
          end_lnum = last.line,
          end_col = column(last),
          type = types[finding.severity],
          text = ('%s [%s]'):format(finding.message, finding.rule),
        })
      end
    end
  end
  return entries
end

--- Shows a report in a buffer of its own, the same one every time.
---@param text string
local function show_report(text)
  local name = 'shipworthy://report'
  local buffer = vim.fn.bufnr('^' .. name .. '$')
  if buffer == -1 then
    buffer = vim.api.nvim_create_buf(true, true)
    vim.api.nvim_buf_set_name(buffer, name)
    vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buffer, desc = 'Close the report' })
  end
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(text), '\n'))
  vim.bo[buffer].modifiable = false
  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    vim.cmd.sbuffer(buffer)
  else
    vim.api.nvim_set_current_win(window)
  end
end

--- Audits the workspace of the current buffer: its findings become the quickfix list, its report is shown in a buffer.
--- `LspProgress` tells how far it is.
function M.audit()
  local client = client_of()
  if not client then
    return say('it does not serve this buffer.', vim.log.levels.WARN)
  end
  if running then
    return say('an audit is running; `:LspShipworthyAudit!` stops it.')
  end
  local params = { command = 'shipworthy.auditWorkspace', arguments = { { json = true } } }
  ---@param problem? lsp.ResponseError
  ---@param answer? shipworthy.Answer
  local sent, request = client:request('workspace/executeCommand', params, function(problem, answer)
    running = nil
    if problem or not answer then
      return say('the audit failed: ' .. (problem and problem.message or 'no answer'), vim.log.levels.ERROR)
    end
    local entries = quickfix(answer.audits or {})
    vim.fn.setqflist({}, ' ', { title = 'Shipworthy', items = entries })
    show_report(answer.report)
    say(('%d %s; `:copen` lists them.'):format(#entries, #entries == 1 and 'finding' or 'findings'))
  end)
  running = sent and { client = client.id, request = request } or nil
end

--- Stops the audit that runs.
function M.stop_audit()
  local client = running and vim.lsp.get_client_by_id(running.client)
  if not running or not client then
    return say('no audit is running.')
  end
  -- Neovim keeps the answer to a cancelled request to itself.
  client:cancel_request(running.request)
  running = nil
  say('the audit was stopped.')
end

---@type integer[] when the server ended without being told to, in seconds
local ends = {}

--- Starts the server again when it ended without being told to; not when it does so again and again.
---@param code integer
---@param signal integer
function M.exited(code, signal)
  running = nil
  if vim.v.exiting ~= vim.NIL or (code == 0 and (signal == 0 or signal == 15)) then
    return
  end
  local now = vim.uv.now() / 1000
  table.insert(ends, now)
  ends = vim.tbl_filter(function(at)
    return now - at < 180
  end, ends)
  vim.schedule(function()
    if #ends > 3 then
      return say('the server ends again and again, and is not started any more. `:checkhealth shipworthy` may say why, and :LspLog or '
        .. vim.lsp.log.get_filename() .. ' has what it said.', vim.log.levels.ERROR)
    end
    if vim.lsp.is_enabled('shipworthy') then
      vim.lsp.enable('shipworthy', false)
      vim.lsp.enable('shipworthy')
    end
  end)
end

--- Creates the commands of Shipworthy in a buffer.
---@param buffer integer
function M.attach(buffer)
  vim.api.nvim_buf_create_user_command(buffer, 'LspShipworthyAudit', function(command)
    if command.bang then
      M.stop_audit()
    else
      M.audit()
    end
  end, { desc = 'Audit the workspace; with ! stop doing so', bang = true })
  vim.api.nvim_buf_create_user_command(buffer, 'LspShipworthyFixAll', M.fix_all, {
    desc = 'Apply every safe fix in this buffer',
  })
  vim.api.nvim_buf_create_user_command(buffer, 'LspShipworthyExplain', function(command)
    M.explain(command.fargs[1])
  end, {
    desc = 'Show the page of a rule',
    nargs = '?',
    complete = function()
      return M.rules(buffer)
    end,
  })
end

return M
