-- What needs the whole workspace is shown in open files too, and goes when its cause does.
local rule = 'unused-dependency'

return function(t)
  local manifest = t.open('Cargo.toml')
  t.wait('a dependency that no file uses is marked in the manifest', function()
    return #t.findings(manifest, rule) == 1
  end)
  t.check(vim.startswith(t.underlined(manifest, t.findings(manifest, rule)[1]), 'subtle'), 'where it stands')
  local code = t.open('src/lib.rs')
  vim.api.nvim_buf_set_lines(code, 0, 0, false, { 'use subtle::ConstantTimeEq;' })
  t.wait('it goes as soon as one does, before that is saved', function()
    return #t.findings(manifest, rule) == 0
  end)
  vim.cmd('silent undo')
  t.wait('and comes back', function()
    return #t.findings(manifest, rule) == 1
  end)
end
