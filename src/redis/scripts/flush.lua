-- Merges what cells of a ledger have counted into a show's counts.  It may be
-- called again, late, or out of order: a cell's total only grows, and what of
-- it is in the sums stands beside them.  Everything is read and checked first,
-- then written by one HSET, so that a failure leaves nothing half-way.
--
-- KEYS[1]  the show's counts
-- ARGV[1]  how long they are kept from now on if something is new, ms
-- ARGV[2…] for each cell: its identity; its field; its total; how much of
--          that was acknowledged before
--
-- Returns how many cells had something new, and of how many less was here
-- than had been acknowledged: data was lost.

local counts = KEYS[1]
local cells = (#ARGV - 1) / 4
local names = {}

for i = 1, cells do
    names[2 * i - 1] = 's:' .. ARGV[4 * i - 2]
    names[2 * i] = 'c:' .. ARGV[4 * i - 1]
end

local held = redis.pcall('HMGET', counts, unpack(names))

if held.err then
    return held
end

local values, changed, raised, lost = {}, {}, 0, 0

for i = 1, 2 * cells do
    local name, text = names[i], held[i] or '0'

    if values[name] == nil then
        if #text > 16 or not string.match(text, '^%d+$') then
            return redis.error_reply('ERR commerce: "' .. name .. '" in "'
                                     .. counts .. '" is no count')
        end

        values[name] = tonumber(text)
    end
end

for i = 1, cells do
    local cell, sum = names[2 * i - 1], names[2 * i]
    local total, acknowledged = tonumber(ARGV[4 * i]), tonumber(ARGV[4 * i + 1])

    if values[cell] < acknowledged then
        lost = lost + 1
    end

    if total > values[cell] then
        values[sum] = values[sum] + total - values[cell]
        values[cell] = total
        changed[cell] = true
        changed[sum] = true
        raised = raised + 1

        if values[sum] >= 9007199254740992 then
            return redis.error_reply('ERR commerce: "' .. sum .. '" in "'
                                     .. counts .. '" is too large')
        end
    end
end

if raised > 0 then
    local write = {}

    for name in pairs(changed) do
        write[#write + 1] = name
        write[#write + 1] = string.format('%.0f', values[name])
    end

    redis.call('HSET', counts, unpack(write))
    redis.call('PEXPIRE', counts, ARGV[1])
end

return {raised, lost}
