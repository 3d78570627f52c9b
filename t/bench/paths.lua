-- For wrk: the first argument is a file with a path a line, which are asked for
-- in turn. Prints what wrk.lua does.

local paths = {}
local last = 0

function init(args)
    for path in io.lines(args[1]) do
        paths[#paths + 1] = wrk.format("GET", path)
    end
end

function request()
    last = last % #paths + 1

    return paths[last]
end

function done(summary, latency, requests)
    local errors = summary.errors

    io.write(string.format("%d %d %d\n", summary.requests, summary.duration,
                           errors.connect + errors.read + errors.write
                           + errors.status + errors.timeout))
end
