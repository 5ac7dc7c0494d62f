create table trust.box_scan (
  code text constraint box_scan_pk primary key
    constraint box_scan_code_fk references supply.box (code),
  scans int not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint box_scan_scans_check check (scans > 0)
);
--;
create table trust.problem_report (
  id uuid constraint problem_report_pk primary key,
  org_id uuid not null,
  lot_id uuid not null constraint problem_report_lot_id_fk references supply.lot (id),
  code text not null constraint problem_report_code_fk references supply.box (code),
  words text not null,
  photo text not null,
  at timestamptz not null,
  constraint problem_report_words_check check (char_length(words) between 2 and 500)
);
--;
create index problem_report_lot_id_ix on trust.problem_report (lot_id, id);
--;
create index problem_report_org_id_ix on trust.problem_report (org_id, id);
--;
create table trust.shown_household (
  household_id uuid constraint shown_household_pk primary key
    constraint shown_household_household_id_fk references supply.household (id),
  org_id uuid not null,
  consent text not null,
  by_person uuid not null,
  at timestamptz not null
);
