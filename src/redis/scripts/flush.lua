-- Merges what the cells of a ledger have counted into a show's counts.
--
-- A cell counts one field in one generation of a ledger.  Its total only
-- grows while it lives; a cell that rests is given away, and when its field is
-- counted to again, that is another life with a total that begins at nothing.
-- Lives of a generation have growing numbers, their epochs.
--
--     c:FIELD             the sum over all ledgers
--     s:GENERATION:FIELD  "TOTAL EPOCH": of the life EPOCH, TOTAL is in the sum
--     s:GENERATION/CELL   "TOTAL": the same of a cell without an epoch
--
-- So a field has one s: for each generation that ever counted to it, however
-- many lives that took.
--
-- Why the sum is right, whatever happens to calls and to Redis.  A call says
-- how far a total has come, not what to add; what is added is how much more
-- that is than s: says.  Sum and s: stand in one hash and are written by one
-- HSET, after all was read and checked.  So at any time the sum is what s: says
-- of all lives, those before the present ones included:
--
--   repeated, late, out of order  A total that is not above the one in s: adds
--       nothing, and never lowers it.
--   lost on the way, or the answer  The total is sent again; it has grown.
--   from a life that has ended  Its epoch is below that in s:, and the call is
--       ignored.  Nothing is lost by that: a cell is given away only after
--       Redis acknowledged its last total.
--   the first from a new life  Its epoch is above that in s:, so that all of
--       its total is new.  The life before is in the sum already, see above.
--   Redis goes back in time  Sum and s: go back together, and the next totals
--       bring them up to date.  What a life that has ended had counted can't be
--       sent again: so no cell is given away within ten minutes of an
--       acknowledgement, nor while Redis may have forgotten one, and Redis is
--       taken not to go back further.  If it went back to where an earlier life
--       was the last one, s: has all of that life, and its epoch is lower.
--   two ledgers, or a copy of one  Each generation has an s: of its own, and a
--       file that may be a copy begins a new generation.  Old cells that two
--       copies both send are one life: the higher total holds.
--   the counts expired  The cell says how much of its total went with them; that
--       much is taken to be in s: where there is none.
--
-- KEYS[1]  the show's counts
-- ARGV[1]  how long they are kept from now on if something is new, ms
-- ARGV[2…] for each cell: its generation and epoch, or generation/cell and 0;
--          its field and total; how much of that was acknowledged, how much of
--          what was acknowledged has expired
--
-- Returns how many cells had something new; of how many less was here than had
-- been acknowledged: data was lost; and for each that is behind what is here,
-- since the call is late or the ledger lost something, its number (1, 2, …) and
-- the epoch and total that are here.

local counts = KEYS[1]
local cells = (#ARGV - 1) / 6
local names = {}

for i = 1, cells do
    local ledger, field = ARGV[6 * i - 4], ARGV[6 * i - 2]

    if ARGV[6 * i - 3] ~= '0' then
        ledger = ledger .. ':' .. field
    end

    names[2 * i - 1] = 's:' .. ledger
    names[2 * i] = 'c:' .. field
end

local held = redis.pcall('HMGET', counts, unpack(names))

if held.err then
    return held
end

local totals, epochs, changed = {}, {}, {}

for i = 1, 2 * cells do
    local name, text = names[i], held[i]

    if text and not totals[name] then
        local total, epoch = string.match(text, '^(%d+) ?(%d*)$')

        if total == nil or #total > 16 or #epoch > 16
           or (epoch ~= '' and i % 2 == 0)
        then
            return redis.error_reply('ERR commerce: "' .. name .. '" in "'
                                     .. counts .. '" is no count')
        end

        totals[name] = tonumber(total)
        epochs[name] = tonumber(epoch) or 0
    end
end

local raised, lost, behind = 0, 0, {}

local function is_behind(i, cell)
    behind[#behind + 1] = i
    behind[#behind + 1] = epochs[cell]
    behind[#behind + 1] = totals[cell]
end

for i = 1, cells do
    local cell, sum = names[2 * i - 1], names[2 * i]
    local epoch, total = tonumber(ARGV[6 * i - 3]), tonumber(ARGV[6 * i - 1])
    local acknowledged, before = tonumber(ARGV[6 * i]), totals[cell]

    if before == nil or epochs[cell] < epoch then
        before = tonumber(ARGV[6 * i + 1])

        if acknowledged > before then
            lost = lost + 1
        end

    elseif epochs[cell] > epoch then
        before = total
        is_behind(i, cell)

    elseif before < acknowledged then
        lost = lost + 1

    elseif before > total then
        is_behind(i, cell)
    end

    if total > before then
        totals[sum] = (totals[sum] or 0) + total - before
        totals[cell], epochs[cell] = total, epoch
        changed[cell], changed[sum] = true, true
        raised = raised + 1

        if totals[sum] >= 9007199254740992 then
            return redis.error_reply('ERR commerce: "' .. sum .. '" in "'
                                     .. counts .. '" is too large')
        end
    end
end

if raised > 0 then
    local write = {}

    for name in pairs(changed) do
        local text = string.format('%.0f', totals[name])

        if (epochs[name] or 0) > 0 then
            text = text .. string.format(' %.0f', epochs[name])
        end

        write[#write + 1] = name
        write[#write + 1] = text
    end

    redis.call('HSET', counts, unpack(write))
    redis.call('PEXPIRE', counts, ARGV[1])
end

return {raised, lost, behind}
