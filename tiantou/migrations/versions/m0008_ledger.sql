-- The book is never rewritten: corrections are new entries.
create function trade.never_changed() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '23001';
end $$;
--;
create trigger entry_never_changed before update or delete on trade.entry
  for each statement execute function trade.never_changed();
--;
create trigger posting_never_changed before update or delete on trade.posting
  for each statement execute function trade.never_changed();
--;
create trigger owed_never_changed before update or delete on trade.owed
  for each statement execute function trade.never_changed();
--;
-- At commit every entry that was written has at least two postings and sums to 0.
create function trade.entry_balances() returns trigger language plpgsql as $$
declare
  total bigint; lines int;
begin
  select coalesce(sum(p.amount_fen), 0), count(*) into total, lines from trade.posting p
   where p.shop_id = new.shop_id and p.entry_id = new.entry_id;
  if total <> 0 or lines < 2 then
    raise exception 'entry % has % postings and sums to % fen', new.entry_id, lines, total
      using errcode = '23514', constraint = 'entry_balances_check';
  end if;
  return null;
end $$;
--;
create constraint trigger entry_balances after insert on trade.entry
  deferrable initially deferred for each row execute function trade.entry_balances();
--;
create constraint trigger posting_balances after insert on trade.posting
  deferrable initially deferred for each row execute function trade.entry_balances();
