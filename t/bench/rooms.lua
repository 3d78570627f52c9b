-- For wrk: requests that are about many rooms.
--
--   METHOD PATTERN ROOMS SHELF CATALOGUE FIRST PAUSE
--
--   PATTERN    of the path, for string.format: a room and, if it has a second
--              %d, a product of its shelf
--   ROOMS      how many there are
--   SHELF      products that are asked for in each, out of as many as CATALOGUE
--              says, as Rooms.pm puts them there
--   FIRST      product of a room: all of all rooms from this one on; -1: any
--   PAUSE      of a connection before each request, ms, half to one and a half
--              times that; 0: none
--
-- Prints the number of requests, the microseconds they took, the number of
-- errors of any kind; and of the latency, us, the median and the 99th
-- percentile.

local method, pattern, cells, shelf, catalogue, n
local tail = " HTTP/1.1\r\nHost: localhost\r\n\r\n"

local function text(cell)
    local room = math.floor(cell / shelf)
    local product = (room * shelf + cell % shelf) % catalogue

    return method .. string.format(pattern, room, product) .. tail
end

local function next_one()
    n = n + 1

    return text((n - 1) % cells)
end

local function any_one()
    return text(math.random(0, cells - 1))
end

function init(args)
    local pause = tonumber(args[7])

    method, pattern = args[1] .. " ", args[2]
    shelf, catalogue = tonumber(args[4]), tonumber(args[5])
    cells = args[3] * shelf
    n = tonumber(args[6])

    math.randomseed(os.time())

    request = n < 0 and any_one or next_one

    if pause > 0 then
        delay = function() return math.random(pause / 2, pause * 3 / 2) end
    end
end

function done(summary, latency, requests)
    local errors = summary.errors

    io.write(string.format("%d %d %d %d %d\n", summary.requests,
                           summary.duration, errors.connect + errors.read
                           + errors.write + errors.status + errors.timeout,
                           latency:percentile(50), latency:percentile(99)))
end
