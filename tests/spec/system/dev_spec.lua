-- ./dev and the runner of its tests.
local directory = require "tests.support.directory"
local quote = require "tests.support.quote"

-- Runs a command; returns what it printed, and its status.
local function run(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; ( " .. command .. " ) 2>&1; echo $?"))
  local text, status = pipe:read("a"):match("^(.-)(%d+)\n$")
  pipe:close()
  return text, tonumber(status)
end

local here = run("pwd"):gsub("\n", "")

-- Root may write everything; it is nobody, then.
local as_user = run "id -u" == "0\n" and "setpriv --reuid=65534 --regid=65534 --clear-groups " or ""

describe("./dev", function()
  local checkout

  -- In a directory with ./dev alone, so that nothing is built.
  local function dev(arguments, environment)
    return run(("cd / && %senv -u BUILD %s %s/dev %s"):format(as_user, environment or "", quote(checkout.path), arguments))
  end

  before_each(function()
    checkout = directory.new()
    run(("cp %s/dev %s && chmod 755 %s"):format(quote(here), quote(checkout.path), quote(checkout.path)))
  end)
  after_each(function() run("chmod -R u+rwX " .. quote(checkout.path)) checkout:remove() end)

  it("names the command that was meant, in one line", function()
    local text, status = dev "tets"
    assert.equal("dev: unknown command 'tets'; did you mean test? (./dev help lists them)\n", text)
    assert.equal(2, status)
  end)

  it("names none that is far from the word", function()
    assert.equal("dev: unknown command 'make' (./dev help lists them)\n", (dev "make"))
    assert.equal("dev: unknown command 'x' (./dev help lists them)\n", (dev "x"))
  end)

  it("refuses a configuration that it does not have", function()
    assert.equal("dev: unknown configuration 'fast': debug, release or asan\n", (dev "build fast"))
    assert.equal("dev: there is no compiler 'cc-none'; gcc and clang are used here\n", (dev "build debug cc-none"))
  end)

  it("refuses numbers that are not, before anything is done", function()
    for _, seconds in ipairs { "abc", "0", "-1", "1.5" } do
      assert.equal(("dev: SECONDS must be a whole number above 0, not '%s'\n"):format(seconds), (dev("fuzz " .. seconds)))
    end
    assert.equal("dev: JOBS must be a whole number above 0, not 'x'\n", (dev("specs", "JOBS=x")))
    assert.equal("dev: LOAD must be a whole number, not 'all'\n", (dev("test", "LOAD=all")))
  end)

  it("says whose build directory it cannot write, and what to do", function()
    run(("mkdir %s/build && chmod 555 %s/build"):format(checkout.path, checkout.path))
    local text, status = dev "demo"
    assert.equal(1, status)
    assert.matches("cannot write to " .. checkout.path .. "/build, which belongs to %a+; remove it %(sudo rm %-rf", text)
    assert.matches("or build elsewhere: BUILD=/var/tmp/lbhost ./dev demo\n$", text)
    assert.matches("^dev: [^\n]*cannot write to [^\n]* ./dev build\n$", (dev "build"))
  end)

  it("finds what others have left inside of it", function()
    run(("mkdir -p %s/build/release && chmod 777 %s/build && touch %s/build/release/a.o && chmod 444 %s/build/release/a.o")
      :format(checkout.path, checkout.path, checkout.path, checkout.path))
    run("chmod 777 " .. checkout.path .. "/build/release")
    assert.matches("cannot write to .-/build/release/a.o, which belongs to ", (dev "demo"))
  end)

  it("says that a checkout cannot be written, and builds elsewhere", function()
    run("chmod 555 " .. checkout.path)
    assert.matches("cannot write to " .. checkout.path .. ", which belongs to %a+; build elsewhere: BUILD=", (dev "demo"))
    local other <close> = directory.new()
    run("chmod 777 " .. other.path)
    local text = dev("demo", "BUILD=" .. other.path .. "/sub")
    assert.matches("building release", text) -- and there is nothing to build
    assert.truthy(other:read "sub/CACHEDIR.TAG")
  end)

  it("neither builds in nor removes a directory with files of others", function()
    local other <close> = directory.new()
    other:write("mine.txt", "mine")
    run("chmod 777 " .. other.path)
    for _, command in ipairs { "demo", "clean" } do
      local text, status = dev(command, "BUILD=" .. other.path)
      assert.matches("is a directory with other files in it", text)
      assert.equal(1, status)
    end
    assert.equal("mine", other:read "mine.txt")
  end)

  describe("with packages missing", function()
    local tools

    -- A dpkg-query that knows no package, and an apt-get as it is given, which leaves its arguments in a file.
    before_each(function()
      tools = directory.new()
      run("chmod 755 " .. tools.path)
      tools:write("dpkg-query", "#!/bin/sh\nexit 1\n")
      tools:write("sudo", '#!/bin/sh\nexec "$@"\n')
    end)
    after_each(function() tools:remove() end)

    local function with_apt(script)
      tools:write("apt-get", "#!/bin/sh\n" .. script)
      run(("chmod 755 %s/*; touch %s/log; chmod 666 %s/log"):format(tools.path, tools.path, tools.path))
      return dev("lint", ("PATH=%s:$PATH LBHOST_DEV_PAUSE=0 LOG=%s/log"):format(tools.path, tools.path))
    end

    it("waits for another apt-get", function()
      local text = with_apt [[echo "$*" >>$LOG
        case $(wc -l <$LOG) in 1 | 2 | 4)
          echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7' >&2; exit 100 ;; esac]]
      assert.matches("== installing lua%-check shellcheck\n== waiting for another apt%-get to end\n", text)
      local _, updates = tools:read "log":gsub("update\n", "")
      local _, installs = tools:read "log":gsub("install %-y %-%-no%-install%-recommends lua%-check shellcheck\n", "")
      assert.same({ 3, 2 }, { updates, installs })
    end)

    it("installs the runtime of the clang that there is, for fuzzing", function()
      tools:write("clang", "#!/bin/sh\necho 19.1.7\n")
      tools:write("dpkg-query", "#!/bin/sh\ncase $* in *libclang-rt*) exit 1 ;; *) echo install ok installed ;; esac\n")
      tools:write("apt-get", "#!/bin/sh\necho 'E: nothing here'; exit 100\n")
      run(("chmod 755 %s/*"):format(tools.path))
      local text, status = dev("fuzz 1", ("PATH=%s:$PATH "):format(tools.path))
      assert.matches("^== installing libclang%-rt%-19%-dev\n", text)
      assert.equal(1, status)
    end)

    it("says what apt-get says when it fails otherwise", function()
      local text, status = with_apt "echo 'E: Unable to locate package lua-check'; exit 100"
      assert.matches("E: Unable to locate package lua%-check\ndev: apt%-get update failed\n$", text)
      assert.equal(1, status)
    end)
  end)
end)

describe("tests/jobs.sh", function()
  local build

  before_each(function()
    build = directory.new()
    run("mkdir " .. build.path .. "/jobs")
  end)
  after_each(function() build:remove() end)

  -- Runs specs of the contents given.
  local function jobs(specs)
    local list = {}
    for name, text in pairs(specs) do list[#list + 1] = "spec debug " .. build:write(name .. "_spec.lua", text) end
    build:write("list", table.concat(list, "\n") .. "\n")
    return run(("BUILD=%s sh tests/jobs.sh %s/list"):format(quote(build.path), quote(build.path)))
  end

  it("adds up what all have passed", function()
    local text, status = jobs {
      one = "it('a', function() end) it('b', function() end)",
      two = "it('c', function() end) pending('d')",
    }
    assert.matches("ok     spec debug %S+/one_spec.lua: 2 passed, 0 failed, %d+ s\n", text)
    assert.matches("\n3 passed, 0 failed, 1 skipped\n$", text)
    assert.equal(0, status)
  end)

  it("runs them in the same locale, whatever the user speaks", function()
    build:write("list", "spec debug " .. build:write("one_spec.lua", [[it("a", function()
      assert.same({ "C.UTF-8" }, { os.getenv "LC_ALL", os.getenv "LANGUAGE" })
    end)]]) .. "\n")
    local text, status = run(("LC_ALL=de_DE.UTF-8 LANGUAGE=de BUILD=%s sh tests/jobs.sh %s/list"):format(quote(build.path),
      quote(build.path)))
    assert.equal(0, status, text)
  end)

  it("shows all that a failed one has printed", function()
    local text, status = jobs { one = "it('a', function() print 'seen' error 'on purpose' end) it('b', function() end)" }
    assert.matches("FAILED spec debug %S+/one_spec.lua: 1 passed, 1 failed, %d+ s\n.*seen.*on purpose.*\n1 passed, 1 failed\n$", text)
    assert.not_equal(0, status)
  end)

  it("counts as failed what ends before its time, and what runs no test", function()
    local text, status = jobs { ended = "it('a', function() os.exit(3) end)", empty = "local nothing" }
    assert.matches("ended with status 3", text)
    assert.matches("ran no test", text)
    assert.matches("\n0 passed, 2 failed\n$", text)
    assert.not_equal(0, status)
  end)
end)

describe("the build", function()
  it("links by paths inside of the build directory, whose own path may have spaces", function()
    local checkout <close> = directory.new()
    local build = quote(checkout.path .. "/my build")
    run(("mkdir -p %s && BUILD=%s premake4 --file=%s/premake5.lua gmake"):format(build, build, quote(here)))
    local flags = run(("grep -h 'whole-archive' %s/*.make"):format(build))
    assert.matches("release/libclient_objects.a", flags, 1, true)
    assert.is_nil(flags:find("my build", 1, true), flags)
  end)
end)
