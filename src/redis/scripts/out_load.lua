-- Reads who is put out of a room, for whoever has an earlier version: what has
-- changed since, if that is known.
--
-- KEYS[1]  who is out of it
-- KEYS[2]  the last changes: see parts/out.lua
-- ARGV[1]  the version that is there
-- ARGV[2]  "born" of that
--
-- Returns the version and the fields that have changed with their values, ""
-- if they are gone, in the order in which they did; or all as HGETALL.

local out, changes = KEYS[1], KEYS[2]
local since = tonumber(ARGV[1])

local fields = redis.call('HMGET', out, 'version', 'born')
local version = tonumber(fields[1])

if version and fields[2] == ARGV[2] and since <= version then
    local entries = redis.call('XRANGE', changes, (since + 1) .. '-0', '+')

    if #entries == version - since then
        local changed = {}

        for _, entry in ipairs(entries) do
            changed[#changed + 1] = entry[2][2]
            changed[#changed + 1] = entry[2][4]
        end

        return {fields[1], changed}
    end
end

return redis.call('HGETALL', out)
