local helper = require "tests.support.client"
local control = require "lbhost.local.control"
local front = require "lbhost.local.http.front"
local json = require "liveblocks.json"
local state = require "lbhost.local.state"
local support = require "tests.support.local_app"

describe("routes under /local", function()
  local app, gate
  local function call(...) return support.call(app, ...) end
  before_each(function()
    app = support.new()
    gate = front.new(app)
    control.attach(app, gate)
  end)
  after_each(function() app.delivery:stop() end)

  it("show, set and end faults, without a key", function()
    local status, shown = call("PUT", "/local/faults", "500=100% only=get_rooms", { authorization = false })
    assert.equal(200, status)
    assert.same({ plan = "500=100% only=get_rooms", struck = 0 }, shown)
    gate:handle { method = "GET", path = "/v2/rooms", headers = {}, body = "" }
    assert.equal(1, select(2, call("GET", "/local/faults")).struck)
    assert.equal(204, (call("DELETE", "/local/faults")))
    assert.equal("", select(2, call("GET", "/local/faults")).plan)
  end)

  it("keep the faults they have when new ones are refused", function()
    call("PUT", "/local/faults", "500=1%")
    local status, problem = call("PUT", "/local/faults", "latncy=1s")
    assert.equal(422, status)
    assert.matches("did you mean 'latency'", problem.message)
    assert.equal("500=1%", select(2, call("GET", "/local/faults")).plan)
  end)

  it("show deliveries with their attempts, and send one again", function()
    local srv = helper.server()
    app:add_webhook(srv:base("nocontent", "control") .. "/in", { "roomCreated" }, "whsec_YWJj")
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
    app.delivery:idle()
    local _, page = call("GET", "/local/deliveries")
    local one = page.data[1]
    assert.equal("delivered", one.status)
    assert.equal("r", one.event.data.roomId)
    assert.equal(204, one.attempts[1].status)
    assert.equal(200, (call("POST", "/local/deliveries/" .. one.id .. "/replay")))
    app.delivery:idle()
    local requests = srv:log "control"
    srv:stop()
    assert.equal(2, #requests)
    assert.equal(requests[1].header["webhook-id"], requests[2].header["webhook-id"])
    assert.equal(2, #select(2, call("GET", "/local/deliveries/" .. one.id)).attempts)
    assert.equal(404, (call("POST", "/local/deliveries/msg_none/replay")))
  end)

  it("show events and requests, newest first", function()
    for _, id in ipairs { "a", "b" } do
      gate:handle { method = "POST", path = "/v2/rooms", headers = { authorization = "Bearer sk_localdev" },
        body = json.encode { id = id, defaultAccesses = {} } }
    end
    local _, events = call("GET", "/local/events")
    assert.equal("b", events.data[1].data.roomId)
    local _, requests = call("GET", "/local/requests")
    assert.equal(2, #requests.data)
    assert.equal(200, requests.data[1].status)
  end)

  it("give out the state, and empty it", function()
    call("POST", "/v2/rooms", { id = "r", defaultAccesses = {} })
    local _, _, response = call("GET", "/local/state")
    assert.is_table(assert(state.decode(response.body)).rooms.r)
    assert.equal(204, (call("DELETE", "/local/state")))
    assert.equal(404, (call("GET", "/v2/rooms/r")))
    assert.equal(200, (call("GET", "/v2/rooms")))
  end)
end)
