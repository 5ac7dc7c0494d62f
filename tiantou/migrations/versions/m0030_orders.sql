-- Only the sweep may find this index fit: whoever counts a buyer's unpaid orders names no time, and
-- would read those of the whole shop through it.
drop index trade.orders_unpaid_ix;
--;
create index orders_unpaid_ix on trade.orders (pay_before_at, shop_id)
  where state = 'pending_payment' and pay_before_at is not null;
--;
create index orders_unpaid_of_buyer_ix on trade.orders (shop_id, buyer_id)
  where state = 'pending_payment';
--;
alter table trade.offer drop constraint offer_paused_by_check;
--;
alter table trade.offer add constraint offer_paused_by_check
  check (paused_by in ('seller', 'product', 'recall', 'floor'));
--;
drop function trade.place_orders;
--;
-- Decides a batch of one shop's orders, first come first served, and writes what was admitted.
--
-- Verdicts: 0 admitted, 1 sold out, 2 over the buyer's limit, 3 offer not open, 4 price changed,
-- 5 no such offer, 6 terms changed, 7 below the floor, 8 key used for another request, 9 too many
-- unpaid orders. `said` is the number that goes with a verdict: units left (1), bought so far (2),
-- unpaid orders (9).
-- Batches of one shop go one after the other, so that what a buyer has unpaid in the shop, and his
-- keys, are the same for rivals on different pools too. Every writer of pools locks them in (shop, pool) order; whoever changes an offer locks its pools
-- first: so what is read after the locks is in force until the end of this transaction.
create function trade.place_orders(
  p_shop uuid, p_now timestamptz, p_hold interval, p_state text,
  p_order uuid[], p_number text[], p_buyer uuid[], p_buyer_no bigint[], p_key uuid[],
  p_asked uuid[], p_offer uuid[], p_units int[], p_price bigint[], p_snapshot bytea[],
  p_freight bigint[], p_origin text[], p_division text[], p_recipient bytea[], p_note text[], p_unpaid_max int,
  out verdict smallint[], out order_id uuid[], out replay boolean[], out said int[],
  out offer_id uuid[], out price_fen bigint[], out snapshot bytea[], out per_buyer int[],
  out floor_fen bigint[], out ship_day date[]
) language plpgsql as $$
#variable_conflict use_column
declare
  n int := cardinality(p_offer);
  wanted uuid[] := array(select distinct o from unnest(p_offer) o order by o);
  pool_ids uuid[]; avail int[]; was int[];
  o_id uuid[]; o_open boolean[]; o_price bigint[]; o_floor bigint[]; o_snap bytea[]; o_lim int[];
  o_pack uuid[]; o_net int[]; o_day date[]; o_from int[]; o_to int[];
  d_offer int[]; d_pool int[]; d_per int[];
  r_offer int[]; r_prior uuid[]; r_asked uuid[]; bought int[]; first_same int[]; first_key int[];
  unpaid int[]; first_buyer int[]; w int;
  i int; j int; k int; b int; o int; have int; hits int := 0;
begin
  perform pg_advisory_xact_lock(7426009, hashtext(p_shop::text));

  -- 1. lock every pool that these offers draw on, always in the same order
  select array_agg(x.pool_id), array_agg(x.available) into pool_ids, avail from (
    select p.pool_id, p.available from trade.pool p
     where p.shop_id = p_shop and p.pool_id in (
       select d.pool_id from trade.draw d
        where d.shop_id = p_shop and d.offer_id = any(wanted))
     order by p.pool_id for update) x;
  was := avail;

  -- 2. new statements see everything that was committed under those locks
  select array_agg(f.offer_id order by f.offer_id),
         array_agg(f.state = 'open' and f.opens_at <= p_now
                   and (f.closes_at is null or p_now < f.closes_at) order by f.offer_id),
         array_agg(f.price_fen order by f.offer_id), array_agg(f.floor_fen order by f.offer_id),
         array_agg(f.snapshot order by f.offer_id), array_agg(f.per_buyer order by f.offer_id),
         array_agg(f.pack_id order by f.offer_id), array_agg(f.net_g order by f.offer_id),
         array_agg(coalesce(f.ship_on, (p_now at time zone 'Asia/Shanghai')::date
                   + f.ship_within_days) order by f.offer_id)
    into o_id, o_open, o_price, o_floor, o_snap, o_lim, o_pack, o_net, o_day
    from trade.offer f where f.shop_id = p_shop and f.offer_id = any(wanted);
  select array_agg(array_position(o_id, d.offer_id) order by d.offer_id, d.pool_id),
         array_agg(array_position(pool_ids, d.pool_id) order by d.offer_id, d.pool_id),
         array_agg(d.per_unit order by d.offer_id, d.pool_id)
    into d_offer, d_pool, d_per
    from trade.draw d where d.shop_id = p_shop and d.offer_id = any(o_id);
  if array_position(d_pool, null) is not null then
    raise exception 'a pool was added while this batch waited' using errcode = '40001';
  end if;
  o_from := array_fill(1, array[coalesce(cardinality(o_id), 0)]);
  o_to := array_fill(0, array[coalesce(cardinality(o_id), 0)]);
  for j in 1..coalesce(cardinality(d_offer), 0) loop
    o := d_offer[j];
    if o_to[o] = 0 then o_from[o] := j; end if;
    o_to[o] := j;
  end loop;

  select array_agg(array_position(o_id, r.o) order by r.ord),
         array_agg(prior.order_id order by r.ord), array_agg(prior.asked order by r.ord),
         array_agg(coalesce(mine.units, 0) order by r.ord),
         array_agg(coalesce(owes.orders, 0) order by r.ord),
         array_agg(r.same order by r.ord), array_agg(r.fk order by r.ord),
         array_agg(r.fb order by r.ord)
    into r_offer, r_prior, r_asked, bought, unpaid, first_same, first_key, first_buyer
    from (select u.o, u.b, u.k, u.ord,
                 first_value(u.ord) over (partition by u.o, u.b order by u.ord)::int as same,
                 first_value(u.ord) over (partition by u.b, u.k order by u.ord)::int as fk,
                 first_value(u.ord) over (partition by u.b order by u.ord)::int as fb
            from unnest(p_offer, p_buyer, p_key) with ordinality u(o, b, k, ord)) r
    left join trade.orders prior
      on prior.shop_id = p_shop and prior.buyer_id = r.b and prior.idem_key = r.k
    left join lateral (
      select sum(l.units)::int as units
        from trade.order_line l
        join trade.orders z on z.shop_id = p_shop and z.order_id = l.order_id
         and z.state not in ('cancelled', 'closed')
       where l.shop_id = p_shop and l.offer_id = r.o and l.buyer_id = r.b
         and o_lim[array_position(o_id, r.o)] is not null) mine on true
    left join lateral (
      select count(*)::int as orders from trade.orders z
       where z.shop_id = p_shop and z.buyer_id = r.b and z.state = 'pending_payment') owes on true;

  -- 3. decide, strictly in order
  verdict := array_fill(5::smallint, array[n]);
  said := array_fill(0, array[n]);
  replay := array_fill(false, array[n]);
  order_id := r_prior;
  for i in 1..n loop
    if r_prior[i] is not null then
      replay[i] := true;
      verdict[i] := case when r_asked[i] = p_asked[i] then 0 else 8 end;
      continue;
    end if;
    k := first_key[i];
    if k < i then
      replay[i] := true;
      if p_asked[k] <> p_asked[i] then verdict[i] := 8; continue; end if;
      verdict[i] := verdict[k]; said[i] := said[k]; order_id[i] := order_id[k];
      continue;
    end if;
    o := r_offer[i];
    if o is null then continue; end if;
    if not o_open[o] then verdict[i] := 3; continue; end if;
    if p_price[i] <> o_price[o] then verdict[i] := 4; continue; end if;
    if p_snapshot[i] <> o_snap[o] then verdict[i] := 6; continue; end if;
    b := first_same[i];
    if bought[b] + p_units[i] > o_lim[o] then
      verdict[i] := 2; said[i] := bought[b]; continue;
    end if;
    if o_price[o] < o_floor[o] then verdict[i] := 7; continue; end if;
    w := first_buyer[i];
    if unpaid[w] >= p_unpaid_max then verdict[i] := 9; said[i] := unpaid[w]; continue; end if;
    have := case when o_to[o] = 0 then 0 end;
    for j in o_from[o]..o_to[o] loop
      have := least(have, avail[d_pool[j]] / d_per[j]);
    end loop;
    if have < p_units[i] then verdict[i] := 1; said[i] := have; continue; end if;
    for j in o_from[o]..o_to[o] loop
      avail[d_pool[j]] := avail[d_pool[j]] - p_units[i] * d_per[j];
    end loop;
    bought[b] := bought[b] + p_units[i];
    unpaid[w] := unpaid[w] + 1;
    verdict[i] := 0; order_id[i] := p_order[i]; hits := hits + 1;
  end loop;

  -- 4. write what was admitted
  if hits > 0 then
    update trade.pool p set available = x.now_left, taken = p.taken + x.before - x.now_left
      from unnest(pool_ids, was, avail) x(pool_id, before, now_left)
     where p.shop_id = p_shop and p.pool_id = x.pool_id and x.before <> x.now_left;
    perform trade.write_orders(p_shop, p_now, p_hold, p_state,
      array(select i from unnest(verdict, replay) with ordinality x(v, r, i)
             where x.v = 0 and not x.r order by i)::int[],
      p_order, p_number, p_buyer, p_buyer_no, p_key, p_asked, p_offer, p_units, p_price,
      p_snapshot, p_freight, p_origin, p_division, p_recipient, p_note, r_offer, o_pack, o_net,
      o_day);
    perform trade.tell_stock(p_shop, pool_ids, was, p_now);
  end if;
  offer_id := o_id; price_fen := o_price; snapshot := o_snap; per_buyer := o_lim;
  floor_fen := o_floor; ship_day := o_day;
end $$;
--;
alter function trade.place_orders set enable_seqscan = off;
