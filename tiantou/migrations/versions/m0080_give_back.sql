-- How many boxes a shop packs on a day; none: it has no limit.
create function trade.boxes_on(p_shop uuid, p_day date) returns int language sql stable as $$
  select coalesce((select d.boxes from trade.capacity_day d
                    where d.shop_id = p_shop and d.day = p_day),
                  y.boxes[extract(isodow from p_day)::int])
    from trade.capacity y where y.shop_id = p_shop and y.boxes is not null
$$;
--;
-- Makes what is available on days what the shop packs on them, less what is promised, never below
-- nothing. The caller holds the days' pools.
create function trade.level_days(p_shop uuid, p_days date[], p_now timestamptz)
returns void language sql as $$
  with due as (
    select y.pool_id, greatest(0, coalesce(trade.boxes_on(p_shop, y.day), 0) - p.taken)
             - p.available as delta
      from trade.day_pool y join trade.pool p on p.shop_id = p_shop and p.pool_id = y.pool_id
     where y.shop_id = p_shop and y.day = any(p_days)
  ), moved as (
    insert into trade.pool_move (shop_id, move_id, pool_id, delta, reason, ref, at)
      select p_shop, uuidv7(), pool_id, delta, 'capacity', uuidv7()::text, p_now
        from due where delta <> 0
  )
  update trade.pool p set available = p.available + due.delta
    from due where p.shop_id = p_shop and p.pool_id = due.pool_id and due.delta <> 0
$$;
--;
-- The pools of days up to p_until stand, and hold what the shop packs on them. The caller has
-- changed the shop's days, or days have passed; he holds the shop's lock of admission.
create function trade.open_days(p_shop uuid, p_from date, p_until date, p_now timestamptz)
returns void language plpgsql as $$
begin
  with fresh as (
    select d::date as day, uuidv7() as pool_id
      from generate_series(p_from, p_until, interval '1 day') d
     where not exists (select 1 from trade.day_pool y
                        where y.shop_id = p_shop and y.day = d::date)
  ), pools as (
    insert into trade.pool (shop_id, pool_id, kind, available, taken)
      select p_shop, pool_id, 'day', 0, 0 from fresh
  )
  insert into trade.day_pool (shop_id, day, pool_id) select p_shop, day, pool_id from fresh;
  perform 1 from trade.pool p
    where p.shop_id = p_shop and p.pool_id in (
      select y.pool_id from trade.day_pool y
       where y.shop_id = p_shop and y.day between p_from and p_until)
    order by p.pool_id for update;
  perform trade.level_days(p_shop, array(
    select d::date from generate_series(p_from, p_until, interval '1 day') d), p_now);
end $$;
--;
-- Moves orders that take room on days to the first days from p_free on that have room for them, in
-- the order in which they came; if none has, to p_free all the same. The caller holds the orders.
create function trade.move_days(p_shop uuid, p_orders uuid[], p_free date, p_now timestamptz)
returns void language plpgsql as $$
declare
  y_day date[]; y_pool uuid[]; room int[]; o record; k int; found int;
begin
  if not exists (select 1 from trade.orders z where z.shop_id = p_shop
                    and z.order_id = any(p_orders) and z.day_units > 0) then return; end if;
  perform 1 from trade.pool p
    where p.shop_id = p_shop and p.kind = 'day' order by p.pool_id for update;
  update trade.pool p set available = p.available + x.units, taken = p.taken - x.units
    from (select y.pool_id, sum(z.day_units)::int as units
            from trade.orders z join trade.day_pool y on y.shop_id = p_shop and y.day = z.ship_day
           where z.shop_id = p_shop and z.order_id = any(p_orders) and z.day_units > 0
           group by 1) x
   where p.shop_id = p_shop and p.pool_id = x.pool_id;
  perform trade.level_days(p_shop, array(
    select y.day from trade.day_pool y where y.shop_id = p_shop), p_now);
  select array_agg(y.day order by y.day), array_agg(y.pool_id order by y.day),
         array_agg(p.available order by y.day) into y_day, y_pool, room
    from trade.day_pool y join trade.pool p on p.shop_id = p_shop and p.pool_id = y.pool_id
   where y.shop_id = p_shop and y.day >= p_free;
  for o in
    select z.order_id, z.day_units from trade.orders z
     where z.shop_id = p_shop and z.order_id = any(p_orders) and z.day_units > 0
     order by z.placed_at, z.order_id
  loop
    found := null;
    for k in 1..coalesce(cardinality(y_day), 0) loop
      if room[k] >= o.day_units then found := k; exit; end if;
    end loop;
    found := coalesce(found, 1);
    if y_day[found] is null then
      update trade.orders z set ship_day = p_free, day_units = 0
       where z.shop_id = p_shop and z.order_id = o.order_id;
      continue;
    end if;
    update trade.orders z set ship_day = y_day[found]
     where z.shop_id = p_shop and z.order_id = o.order_id;
    -- beyond the room of the day, what is too much is made good by level_days
    update trade.pool p set available = greatest(0, p.available - o.day_units),
           taken = p.taken + o.day_units
     where p.shop_id = p_shop and p.pool_id = y_pool[found];
    if room[found] < o.day_units then
      insert into trade.pool_move (shop_id, move_id, pool_id, delta, reason, ref, at)
        values (p_shop, uuidv7(), y_pool[found], o.day_units - room[found], 'capacity',
                o.order_id::text || '/' || uuidv7()::text, p_now);
    end if;
    room[found] := greatest(0, room[found] - o.day_units);
  end loop;
end $$;
--;
-- Gives back what orders took, once: units to the pools they were drawn from, room to their days,
-- coupons to their buyers. The caller holds the orders' rows; the units of a closed flash offer go
-- on to the stock of its pack.
create or replace function trade.give_back(p_shop uuid, p_orders uuid[], p_now timestamptz)
returns void language plpgsql as $$
declare
  p_order uuid[]; pool_ids uuid[]; was int[]; days date[]; f record;
begin
  with back as (
    update trade.orders o set units_back = true
     where o.shop_id = p_shop and o.order_id = any(p_orders) and not o.units_back
    returning o.order_id, case when o.day_units > 0 then o.ship_day end as day)
  select array_agg(order_id), array_agg(distinct day) filter (where day is not null)
    into p_order, days from back;
  if p_order is null then return; end if;
  select array_agg(x.pool_id), array_agg(x.available) into pool_ids, was from (
    select p.pool_id, p.available from trade.pool p
     where p.shop_id = p_shop and p.pool_id in (
       select d.pool_id from trade.order_line l
         join trade.draw d on d.shop_id = p_shop and d.offer_id = l.offer_id
        where l.shop_id = p_shop and l.order_id = any(p_order)
       union
       select l.pack_id from trade.order_line l
        where l.shop_id = p_shop and l.order_id = any(p_order)
       union
       select y.pool_id from trade.day_pool y where y.shop_id = p_shop and y.day = any(days))
     order by p.pool_id for update) x;
  update trade.pool p set available = p.available + x.units, taken = p.taken - x.units
    from (select d.pool_id, sum(l.units * d.per_unit)::int as units
            from trade.order_line l
            join trade.draw d on d.shop_id = p_shop and d.offer_id = l.offer_id
           where l.shop_id = p_shop and l.order_id = any(p_order)
           group by d.pool_id) x
   where p.shop_id = p_shop and p.pool_id = x.pool_id;
  if days is not null then
    update trade.pool p set available = p.available + x.units, taken = p.taken - x.units
      from (select y.pool_id, sum(o.day_units)::int as units
              from trade.orders o join trade.day_pool y on y.shop_id = p_shop and y.day = o.ship_day
             where o.shop_id = p_shop and o.order_id = any(p_order) and o.day_units > 0
             group by 1) x
     where p.shop_id = p_shop and p.pool_id = x.pool_id;
    perform trade.level_days(p_shop, days, p_now);
  end if;
  for f in
    select distinct o.offer_id from trade.offer o
      join trade.order_line l on l.shop_id = p_shop and l.offer_id = o.offer_id
     where o.shop_id = p_shop and o.kind = 'flash' and o.state = 'closed'
       and l.order_id = any(p_order) order by 1
  loop
    perform trade.drain_flash(p_shop, f.offer_id, p_now);
  end loop;
  update trade.coupon_claim m
     set state = case when m.usable_until > p_now then 'held' else 'expired' end,
         used_shop_id = null, used_order_id = null, used_at = null
   where m.used_shop_id = p_shop and m.used_order_id = any(p_order) and m.state = 'used';
  perform trade.tell_stock(p_shop, pool_ids, was, p_now);
end $$;
--;
alter function trade.give_back set enable_seqscan = off;
--;
alter function trade.move_days set enable_seqscan = off;
