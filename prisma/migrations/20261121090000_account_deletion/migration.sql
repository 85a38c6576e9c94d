-- Who deletes their account is no owner any more. Their data go before, by their own role: the
-- foreign keys keep an owner who has any.
CREATE POLICY auth_delete ON "owners" FOR DELETE TO typedo_auth USING ((SELECT current_user) = 'typedo_auth');
GRANT DELETE ON "owners" TO typedo_auth;
