-- For wrk: the first argument is the method; the second, if there is one, an
-- ETag that the client has. Prints the number of requests, the microseconds
-- they took, and the number of errors of any kind.

function init(args)
    wrk.method = args[1]

    if args[2] then
        wrk.headers["If-None-Match"] = args[2]
    end
end

function done(summary, latency, requests)
    local errors = summary.errors

    io.write(string.format("%d %d %d\n", summary.requests, summary.duration,
                           errors.connect + errors.read + errors.write
                           + errors.status + errors.timeout))
end
