-- The database that bench/backup backs up: text and JSON in rows of 0.2 to 60 KB, the same bytes for the same scale.
--   psql -v scale=1 -f workload.sql      about 2 GB
-- Text is made of 60,000 different paragraphs: more than a compressor's window, so that it compresses like text.
\set ON_ERROR_STOP on
create schema bench;

create function bench.pick(id bigint, salt int, n bigint) returns bigint language sql immutable parallel safe as
  $$ select (hashint8extended(id, salt) & 9223372036854775807) % n $$;

create unlogged table bench.word (n int primary key, word text not null);
insert into bench.word select n, left(translate(md5(n::text), '0123456789', 'aeioumnrst'), 2 + n % 8) from generate_series(1, 6000) n;
create unlogged table bench.paragraph (n int primary key, body text not null);
insert into bench.paragraph
  select p, string_agg(word, ' ' order by k)
  from generate_series(1, 60000) p, generate_series(1, 40) k, bench.word
  where n = 1 + bench.pick(p * 64 + k, 1, 6000)
  group by p;
analyze bench.paragraph;

create table public.users (id bigint primary key, email text not null unique, digest text not null, settings jsonb not null, updated_at timestamptz not null);
create table public.accounts (id bigint primary key, balance int not null, filler char(84) not null);
create table public.events (id bigint primary key, user_id bigint not null, payload jsonb not null, updated_at timestamptz not null);
create table public.messages (id bigint primary key, user_id bigint not null, subject text not null, body text not null, updated_at timestamptz not null);
create table public.documents (id bigint primary key, title text not null, body text not null, updated_at timestamptz not null);

-- Rows first..last of a table.
create procedure bench.fill(name text, first bigint, last bigint) language plpgsql as $$
declare at timestamptz := timestamptz '2026-01-01 00:00:00Z';
begin
  case name
  when 'users' then
    insert into users select id, 'user' || id || '@example' || id % 40 || '.com', '$2a$12$' || md5('a' || id) || md5('b' || id),
      jsonb_build_object('locale', (array['en','de','it','fr','es'])[1 + id % 5], 'theme', case when id % 3 = 0 then 'dark' else 'light' end),
      at + id * interval '1 s' from generate_series(first, last) id;
  when 'accounts' then
    insert into accounts select id, bench.pick(id, 2, 10000), '' from generate_series(first, last) id;
  when 'events' then
    insert into events select id, bench.pick(id, 3, 200000), jsonb_build_object('request', md5('r' || id), 'path', '/' || left(p.body, 24),
      'status', 200, 'duration', bench.pick(id, 4, 90000), 'note', q.body), at + id * interval '1 s'
      from generate_series(first, last) id
      join bench.paragraph p on p.n = 1 + bench.pick(id, 5, 60000) join bench.paragraph q on q.n = 1 + bench.pick(id, 6, 60000);
  when 'messages' then
    insert into messages select id, bench.pick(id, 7, 200000), left(p.body, 40), p.body || ' ' || q.body, at + id * interval '1 s'
      from generate_series(first, last) id
      join bench.paragraph p on p.n = 1 + bench.pick(id, 8, 60000) join bench.paragraph q on q.n = 1 + bench.pick(id, 9, 60000);
  when 'documents' then
    insert into documents select id, 'document ' || id, string_agg(p.body, E'\n\n' order by k), at + id * interval '1 s'
      from generate_series(first, last) id, generate_series(1, 250) k
      join bench.paragraph p on true where p.n = 1 + bench.pick(id * 250 + k, 10, 60000) group by id;
  end case;
end $$;

-- One day: 1 % of the rows of every table updated, anywhere ('spread') or among the newest 5 % ('recent'); 0.5 % added.
create procedure bench.day(day int, shape text) language plpgsql as $$
declare name text; top bigint; ids bigint[];
begin
  foreach name in array array['users', 'accounts', 'events', 'messages', 'documents'] loop
    execute format('select max(id) from %I', name) into top;
    select array_agg(case shape when 'recent' then top - bench.pick(k, 100 + day, greatest(top / 20, 1)) else 1 + bench.pick(k, 100 + day, top) end)
      into ids from generate_series(1, greatest(top / 100, 1)) k;
    case name
    when 'users' then update users set settings = settings || jsonb_build_object('seen', day), updated_at = updated_at + interval '1 day' where id = any(ids);
    when 'accounts' then update accounts set balance = balance + day where id = any(ids);
    when 'events' then update events set payload = payload || jsonb_build_object('worker', day), updated_at = updated_at + interval '1 day' where id = any(ids);
    when 'messages' then update messages set updated_at = updated_at + interval '1 day', subject = 'Re: ' || subject where id = any(ids);
    when 'documents' then update documents set body = overlay(body placing md5(id || '/' || day) from length(body) / 2), updated_at = updated_at + interval '1 day' where id = any(ids);
    end case;
    call bench.fill(name, top + 1, top + greatest(top / 200, 1));
  end loop;
end $$;

call bench.fill('users', 1, (250000 * :scale)::bigint);
call bench.fill('accounts', 1, (1800000 * :scale)::bigint);
call bench.fill('events', 1, (950000 * :scale)::bigint);
call bench.fill('messages', 1, (850000 * :scale)::bigint);
call bench.fill('documents', 1, (9500 * :scale)::bigint);
create index on public.events (user_id);
create index on public.messages (user_id);
vacuum (analyze) public.users, public.accounts, public.events, public.messages, public.documents;
