-- A helper of busted: the specs run in a locale that writes 0,5. See tests/spec/module/locale_spec.lua.
assert(os.setlocale "de_DE.UTF-8", "no such locale in LOCPATH")
assert(("%.1f"):format(0.5) == "0,5")
