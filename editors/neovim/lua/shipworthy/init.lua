--- What a buffer can ask of Shipworthy beyond what Neovim offers for every language server.
local M = {}

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
    vim.notify('Shipworthy has no finding in this line.', vim.log.levels.INFO)
    return
  end
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'shipworthy' })[1]
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

--- Creates the commands of Shipworthy in a buffer.
---@param buffer integer
function M.attach(buffer)
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
