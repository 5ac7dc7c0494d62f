-- Gives what offers have again to who waits for it, first come first served, until nothing is left or
-- nobody waits: so as long as somebody waits, others find the offer sold out. Who wants more than
-- there is gets what there is. Only offers all of whose pools are held by the caller (`p_pool`).
create function trade.serve_waiting(p_shop uuid, p_pool uuid[], p_now timestamptz)
returns void language plpgsql as $$
declare
  o uuid; w trade.waiting%rowtype; have int; got int;
begin
  if not exists (select 1 from trade.waiting x
                  where x.shop_id = p_shop and x.state = 'waiting') then return; end if;
  for o in
    select f.offer_id from trade.offer f
     where f.shop_id = p_shop and f.state = 'open' and f.opens_at <= p_now
       and (f.closes_at is null or p_now < f.closes_at)
       and exists (select 1 from trade.waiting x where x.shop_id = p_shop
                      and x.offer_id = f.offer_id and x.state = 'waiting')
       and exists (select 1 from trade.draw d where d.shop_id = p_shop
                      and d.offer_id = f.offer_id and d.pool_id = any(p_pool))
       and not exists (select 1 from trade.draw d where d.shop_id = p_shop
                          and d.offer_id = f.offer_id and d.pool_id <> all(p_pool))
     order by f.offer_id
  loop
    loop
      select min(p.available / d.per_unit) into have
        from trade.draw d join trade.pool p on p.shop_id = p_shop and p.pool_id = d.pool_id
       where d.shop_id = p_shop and d.offer_id = o;
      exit when coalesce(have, 0) < 1;
      select * into w from trade.waiting x
       where x.shop_id = p_shop and x.offer_id = o and x.state = 'waiting'
       order by x.place limit 1 for update;
      exit when not found;
      got := least(have, w.units);
      update trade.pool p
         set available = p.available - got * d.per_unit, taken = p.taken + got * d.per_unit
        from trade.draw d
       where d.shop_id = p_shop and d.offer_id = o
         and p.shop_id = p_shop and p.pool_id = d.pool_id;
      update trade.waiting x
         set state = 'offered', units = got, offered_at = p_now,
             offered_until = p_now + interval '15 minutes'
       where x.shop_id = p_shop and x.waiting_id = w.waiting_id;
      insert into trade.outbox (day, id, kind, key, body, at)
        values ((p_now at time zone 'UTC')::date, uuidv7(), 'trade.waiting-offered',
                w.waiting_id::text,
                jsonb_build_object('shop_id', p_shop, 'offer_id', o, 'waiting_id', w.waiting_id,
                  'buyer_id', w.buyer_id, 'units', got,
                  'until', to_char((p_now + interval '15 minutes') at time zone 'UTC',
                                   'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), p_now);
    end loop;
  end loop;
end $$;
--;
-- Ends waits (`p_to`: lapsed, left, over); units that were kept go back into the offer's pools, which
-- the caller holds. Says who had waited.
create function trade.end_waiting(p_shop uuid, p_offer uuid, p_waiting uuid[], p_to text,
                                  p_now timestamptz)
returns setof trade.waiting language plpgsql as $$
declare
  kept int;
begin
  select coalesce(sum(x.units), 0) into kept from trade.waiting x
   where x.shop_id = p_shop and x.waiting_id = any(p_waiting) and x.state = 'offered';
  update trade.pool p
     set available = p.available + kept * d.per_unit, taken = p.taken - kept * d.per_unit
    from trade.draw d
   where kept > 0 and d.shop_id = p_shop and d.offer_id = p_offer
     and p.shop_id = p_shop and p.pool_id = d.pool_id;
  return query
    update trade.waiting x set state = p_to, ended_at = p_now
     where x.shop_id = p_shop and x.waiting_id = any(p_waiting)
       and x.state in ('waiting', 'offered') returning x.*;
end $$;
--;
-- Stock news of every offer that draws on the given pools: how much is left, and the edges where
-- it became nothing or stopped being nothing. One call a batch, so the news is coalesced. Who waits
-- is served before anybody is told.
create or replace function trade.tell_stock(p_shop uuid, p_pool uuid[], p_before int[], p_now timestamptz)
returns void language plpgsql as $$
begin
  perform trade.serve_waiting(p_shop, p_pool, p_now);
  with touched as (
    select distinct d.offer_id from trade.draw d
     where d.shop_id = p_shop and d.pool_id = any(p_pool)
  ), news as (
    select o.offer_id, o.pack_id, min(p.available / d.per_unit) as units_left,
           min(coalesce(b.available, p.available) / d.per_unit) as units_before
      from touched t
      join trade.offer o on o.shop_id = p_shop and o.offer_id = t.offer_id and o.state <> 'closed'
      join trade.draw d on d.shop_id = p_shop and d.offer_id = o.offer_id
      join trade.pool p on p.shop_id = p_shop and p.pool_id = d.pool_id
      left join unnest(p_pool, p_before) b(pool_id, available) on b.pool_id = p.pool_id
     group by o.offer_id, o.pack_id
  ), facts as (
    select 1 as step, 'trade.stock-moved' as kind, offer_id,
           jsonb_build_object('shop_id', p_shop, 'offer_id', offer_id, 'pack_id', pack_id,
                              'units_left', units_left) as body
      from news where units_left <> units_before
    union all
    select 2, 'trade.stock-edge', offer_id,
           jsonb_build_object('shop_id', p_shop, 'offer_id', offer_id, 'pack_id', pack_id,
                              'units_left', units_left,
                              'edge', case when units_left = 0 then 'sold_out' else 'restocked' end)
      from news where (units_left = 0) <> (units_before = 0)
    order by 1, 3
  )
  insert into trade.outbox (day, id, kind, key, body, at)
    select (p_now at time zone 'UTC')::date, uuidv7(), kind, offer_id::text, body, p_now from facts;
  perform pg_notify('tiantou_facts', '');
end $$;
--;
alter function trade.serve_waiting set enable_seqscan = off;
--;
alter function trade.end_waiting set enable_seqscan = off;
