-- Has a stream key's hint to a room end soon.  It does not end at once: the
-- room may get the key again at this moment, and confirms that afterwards.  Who
-- calls this looks at the room then, and confirms the hint if it has the key.
--
-- KEYS[1]  the hint
-- ARGV[1]  the room
-- ARGV[2]  ms until it ends, at most
--
-- Returns "ok".

local hint = KEYS[1]

if redis.call('GET', hint) == ARGV[1] then
    local left = redis.call('PTTL', hint)

    if left == -1 or left > tonumber(ARGV[2]) then
        redis.call('PEXPIRE', hint, ARGV[2])
    end
end

return {'ok'}
