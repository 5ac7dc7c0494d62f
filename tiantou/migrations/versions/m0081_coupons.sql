-- A payment may pay some of its orders and come too late for others.
alter table trade.payment_part add column late boolean not null default false;
--;
alter table trade.entry drop constraint entry_kind_check;
--;
alter table trade.entry add constraint entry_kind_check check (kind in
  ('pay', 'late', 'refund', 'late_back', 'fee', 'owed', 'owed_back', 'payout', 'coupon',
   'coupon_back'));
--;
-- Decides who gets a piece of a coupon, first come first served. A claim that was made before under
-- the same id is that claim. Verdicts: 0 claimed, 1 used up, 2 over the buyer's limit, 3 not open,
-- 4 no such coupon.
create function trade.claim_coupons(
  p_issuer uuid, p_coupon uuid, p_now timestamptz, p_claim uuid[], p_buyer uuid[],
  out verdict smallint[], out left_over int
) language plpgsql as $$
#variable_conflict use_column
declare
  c trade.coupon%rowtype; n int := cardinality(p_claim);
  had uuid[]; mine int[]; first_same int[]; i int; fresh int[] := '{}'; b int;
begin
  verdict := array_fill(4::smallint, array[n]);
  select p.available into left_over from trade.pool p
   where p.shop_id = p_issuer and p.pool_id = p_coupon and p.kind = 'coupon' for update;
  if not found then return; end if;
  select * into c from trade.coupon k where k.issuer_id = p_issuer and k.coupon_id = p_coupon;
  if not found then return; end if;
  select array_agg(m.claim_id order by r.ord), array_agg(coalesce(h.claims, 0) order by r.ord),
         array_agg(r.same order by r.ord)
    into had, mine, first_same
    from (select u.id, u.b, u.ord,
                 first_value(u.ord) over (partition by u.b order by u.ord)::int as same
            from unnest(p_claim, p_buyer) with ordinality u(id, b, ord)) r
    left join trade.coupon_claim m on m.claim_id = r.id
    left join lateral (
      select count(*)::int as claims from trade.coupon_claim x
       where x.issuer_id = p_issuer and x.coupon_id = p_coupon and x.buyer_id = r.b) h on true;
  for i in 1..n loop
    b := first_same[i];
    -- the same request twice in one batch has one answer
    if had[i] is not null then verdict[i] := 0; continue; end if;
    if array_position(p_claim, p_claim[i]) < i then
      verdict[i] := verdict[array_position(p_claim, p_claim[i])]; continue;
    end if;
    if c.state <> 'open' or p_now < c.claim_from or p_now >= c.claim_until then
      verdict[i] := 3; continue;
    end if;
    if mine[b] >= c.per_buyer then verdict[i] := 2; continue; end if;
    if left_over < 1 then verdict[i] := 1; continue; end if;
    left_over := left_over - 1; mine[b] := mine[b] + 1;
    verdict[i] := 0; fresh := fresh || i;
  end loop;
  if cardinality(fresh) > 0 then
    update trade.pool p
       set available = left_over, taken = p.taken + cardinality(fresh)
     where p.shop_id = p_issuer and p.pool_id = p_coupon;
    insert into trade.coupon_claim
        (claim_id, issuer_id, coupon_id, buyer_id, state, usable_until, at)
      select p_claim[f], p_issuer, p_coupon, p_buyer[f], 'held',
             coalesce(c.use_until, p_now + make_interval(days => c.use_days)), p_now
        from unnest(fresh) f;
  end if;
end $$;
--;
alter function trade.claim_coupons set enable_seqscan = off;
