-- Gives the units of orders back to the pools they were drawn from, once. The caller holds the
-- orders' rows; the units of a closed flash offer go on to the stock of its pack.
create function trade.give_back(p_shop uuid, p_orders uuid[], p_now timestamptz)
returns void language plpgsql as $$
declare
  p_order uuid[]; pool_ids uuid[]; was int[]; f record;
begin
  with back as (
    update trade.orders o set units_back = true
     where o.shop_id = p_shop and o.order_id = any(p_orders) and not o.units_back
    returning o.order_id)
  select array_agg(order_id) into p_order from back;
  if p_order is null then return; end if;
  select array_agg(x.pool_id), array_agg(x.available) into pool_ids, was from (
    select p.pool_id, p.available from trade.pool p
     where p.shop_id = p_shop and p.pool_id in (
       select d.pool_id from trade.order_line l
         join trade.draw d on d.shop_id = p_shop and d.offer_id = l.offer_id
        where l.shop_id = p_shop and l.order_id = any(p_order)
       union
       select l.pack_id from trade.order_line l
        where l.shop_id = p_shop and l.order_id = any(p_order))
     order by p.pool_id for update) x;
  update trade.pool p set available = p.available + x.units, taken = p.taken - x.units
    from (select d.pool_id, sum(l.units * d.per_unit)::int as units
            from trade.order_line l
            join trade.draw d on d.shop_id = p_shop and d.offer_id = l.offer_id
           where l.shop_id = p_shop and l.order_id = any(p_order)
           group by d.pool_id) x
   where p.shop_id = p_shop and p.pool_id = x.pool_id;
  for f in
    select distinct o.offer_id from trade.offer o
      join trade.order_line l on l.shop_id = p_shop and l.offer_id = o.offer_id
     where o.shop_id = p_shop and o.kind = 'flash' and o.state = 'closed'
       and l.order_id = any(p_order) order by 1
  loop
    perform trade.drain_flash(p_shop, f.offer_id, p_now);
  end loop;
  perform trade.tell_stock(p_shop, pool_ids, was, p_now);
end $$;
--;
-- What is left in a flash offer's own pool goes back to the stock of its pack. Says how many units.
-- The caller holds both pools.
create function trade.drain_flash(p_shop uuid, p_offer uuid, p_now timestamptz)
returns int language plpgsql as $$
declare
  rest int; pack uuid; move uuid := uuidv7();
begin
  select p.available into rest from trade.pool p
   where p.shop_id = p_shop and p.pool_id = p_offer and p.kind = 'units';
  if coalesce(rest, 0) = 0 then return 0; end if;
  select o.pack_id into pack from trade.offer o where o.shop_id = p_shop and o.offer_id = p_offer;
  update trade.pool set available = available - rest
   where shop_id = p_shop and pool_id = p_offer;
  update trade.pool set available = available + rest where shop_id = p_shop and pool_id = pack;
  insert into trade.pool_move (shop_id, move_id, pool_id, delta, reason, ref, at) values
    (p_shop, move, p_offer, -rest, 'flash_back', move::text, p_now),
    (p_shop, uuidv7(), pack, rest, 'flash_back', move::text, p_now);
  return rest;
end $$;
--;
-- One sweep over unpaid orders whose hold has run out, oldest first; rows that somebody else holds
-- (a payment just coming in) are left for the next sweep. Says how many were cancelled.
create function trade.expire_orders(p_now timestamptz, p_limit int, p_from text, p_event text,
                                    p_to text)
returns int language plpgsql as $$
declare
  shops uuid[]; orders uuid[]; s uuid;
begin
  select array_agg(x.shop_id), array_agg(x.order_id) into shops, orders from (
    select o.shop_id, o.order_id from trade.orders o
     where o.state = 'pending_payment' and o.state = p_from and o.pay_before_at <= p_now
     order by o.pay_before_at limit p_limit for update skip locked) x;
  if shops is null then return 0; end if;
  update trade.orders o set state = p_to from unnest(shops, orders) x(shop_id, order_id)
   where o.shop_id = x.shop_id and o.order_id = x.order_id;
  update trade.my_order m set state = p_to
    from unnest(shops, orders) x(shop_id, order_id)
    join trade.orders o on o.shop_id = x.shop_id and o.order_id = x.order_id
   where m.buyer_id = o.buyer_id and m.order_id = o.order_id;
  insert into trade.order_event (shop_id, order_id, seq, event, state, by, at)
    select x.shop_id, x.order_id, (select max(e.seq) + 1 from trade.order_event e
             where e.shop_id = x.shop_id and e.order_id = x.order_id),
           p_event, p_to, 'system', p_now
      from unnest(shops, orders) x(shop_id, order_id);
  insert into trade.outbox (day, id, kind, key, body, at)
    select (p_now at time zone 'UTC')::date, uuidv7(), 'trade.order-expired', o.order_id::text,
           jsonb_build_object('shop_id', o.shop_id, 'order_id', o.order_id, 'number', o.number,
             'origin', o.origin, 'buyer_id', o.buyer_id, 'amount_fen', o.amount_fen), p_now
      from unnest(shops, orders) x(shop_id, order_id)
      join trade.orders o on o.shop_id = x.shop_id and o.order_id = x.order_id;
  for s in select distinct u from unnest(shops) u order by u loop
    perform trade.give_back(s, array(select x.order_id
      from unnest(shops, orders) x(shop_id, order_id) where x.shop_id = s), p_now);
  end loop;
  return cardinality(orders);
end $$;
--;
alter function trade.give_back set enable_seqscan = off;
--;
alter function trade.expire_orders set enable_seqscan = off;
