/* Made by openapi-typescript@7.13.0 from docs/openapi.json with `npm run generate`. Its SHA-256: 1566062a469fb28b180079a583517175755548763546d68a7eb703e07ea8c8f6 */

export interface paths {
    "/workflows/governed/execute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide, record and run a workflow
         * @description Decide, record and run a workflow. Guarded by the scope `workflows:execute`.
         */
        post: operations["postWorkflowsGovernedExecute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/governance/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say whether a request would pass, and run nothing
         * @description Say whether a request would pass, and run nothing. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postGovernanceValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the workflows
         * @description List the workflows. Guarded by the scope `workflows:read`.
         */
        get: operations["getWorkflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflows/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one workflow
         * @description Show one workflow. Guarded by the scope `workflows:read`.
         */
        get: operations["getWorkflowsName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/executions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say how far an execution is, or how it ended; one’s own without the scope as well
         * @description Say how far an execution is, or how it ended; one’s own without the scope as well. Guarded by the scope `workflows:read`.
         */
        get: operations["getExecutionsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/executions/{id}/output": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch an output that went by reference
         * @description Fetch an output that went by reference. Guarded by the scope `workflows:read`.
         */
        get: operations["getExecutionsIdOutput"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/executions/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch the document that a run wrote
         * @description Fetch the document that a run wrote. Guarded by the scope `workflows:read`.
         */
        get: operations["getExecutionsIdDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide and record; a denial is an answer, not an error
         * @description Decide and record; a denial is an answer, not an error. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postDecisions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a capability token and use it up
         * @description Check a capability token and use it up. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postDecisionsVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/search/subject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AuthZEN: which subjects would be allowed, among those that the charter knows by name
         * @description AuthZEN: which subjects would be allowed, among those that the charter knows by name. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postAccessV1SearchSubject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/search/resource": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AuthZEN: which resources would be allowed, among those that the charter knows by name
         * @description AuthZEN: which resources would be allowed, among those that the charter knows by name. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postAccessV1SearchResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/search/action": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AuthZEN: which actions would be allowed, among those that the charter knows by name
         * @description AuthZEN: which actions would be allowed, among those that the charter knows by name. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postAccessV1SearchAction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/evaluation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AuthZEN: may this subject do this to that
         * @description AuthZEN: may this subject do this to that. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postAccessV1Evaluation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/access/v1/evaluations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * AuthZEN: several evaluations, with defaults and short-circuits
         * @description AuthZEN: several evaluations, with defaults and short-circuits. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postAccessV1Evaluations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/authzen-configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * AuthZEN: where the endpoints are
         * @description AuthZEN: where the endpoints are. Takes no token.
         */
        get: operations["getWellKnownAuthzenConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/invocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record what came of a tool call
         * @description Record what came of a tool call. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postToolsInvocations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record an event of a governed application
         * @description Record an event of a governed application. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every feature flag, evaluated for the caller
         * @description Every feature flag, evaluated for the caller. Guarded by the scope `decisions:evaluate`.
         */
        get: operations["getFlags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flags/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One feature flag, evaluated for the caller
         * @description One feature flag, evaluated for the caller. Guarded by the scope `decisions:evaluate`.
         */
        get: operations["getFlagsName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Model Context Protocol: the tools of all servers that the charter lists
         * @description Model Context Protocol: the tools of all servers that the charter lists. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postMcp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/oauth-protected-resource/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose tokens are taken at the MCP server (RFC 9728)
         * @description Whose tokens are taken at the MCP server (RFC 9728). Takes no token.
         */
        get: operations["getWellKnownOauthProtectedResourceMcp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp/{server_name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Model Context Protocol: the tools of one server
         * @description Model Context Protocol: the tools of one server. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postMcpServerName"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/oauth-protected-resource/mcp/{server_name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose tokens are taken at the MCP server (RFC 9728)
         * @description Whose tokens are taken at the MCP server (RFC 9728). Takes no token.
         */
        get: operations["getWellKnownOauthProtectedResourceMcpServerName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/missions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Declare what the calls of tools that follow are for
         * @description Declare what the calls of tools that follow are for. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postMissions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/missions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One of one's own missions
         * @description One of one's own missions. Guarded by the scope `decisions:evaluate`.
         */
        get: operations["getMissionsId"];
        put?: never;
        post?: never;
        /**
         * End a mission: no further call is made for it
         * @description End a mission: no further call is made for it. Guarded by the scope `decisions:evaluate`.
         */
        delete: operations["deleteMissionsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tools that servers offer now, and whether they were reviewed as they are
         * @description Tools that servers offer now, and whether they were reviewed as they are. Guarded by the scope `charter:read`.
         */
        get: operations["getTools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pin the definition of a tool as a person has looked at it
         * @description Pin the definition of a tool as a person has looked at it. Guarded by the scope `charter:activate`.
         */
        post: operations["postToolsReviews"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List approvals, newest first
         * @description List approvals, newest first. Guarded by the scope `approvals:read`.
         */
        get: operations["getApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one approval; one’s own without the scope as well
         * @description Show one approval; one’s own without the scope as well. Guarded by the scope `approvals:read`.
         */
        get: operations["getApprovalsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve; the last one needed starts the run
         * @description Approve; the last one needed starts the run. Guarded by the scope `approvals:decide`.
         */
        post: operations["postApprovalsIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject
         * @description Reject. Guarded by the scope `approvals:decide`.
         */
        post: operations["postApprovalsIdReject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/emergency-stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether everything is stopped
         * @description Whether everything is stopped. Guarded by the scope `system:status`.
         */
        get: operations["getEmergencyStop"];
        put?: never;
        /**
         * Stop everything, everywhere, within five seconds
         * @description Stop everything, everywhere, within five seconds. Guarded by the scope `emergency:stop`.
         */
        post: operations["postEmergencyStop"];
        /**
         * Ask for release; two different people within 15 minutes release
         * @description Ask for release; two different people within 15 minutes release. Guarded by the scope `emergency:release`.
         */
        delete: operations["deleteEmergencyStop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/emergency-stop/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for release; two different people within 15 minutes release
         * @description Ask for release; two different people within 15 minutes release. Guarded by the scope `emergency:release`.
         */
        post: operations["postEmergencyStopRelease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/emergency-release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for release; two different people within 15 minutes release
         * @description Ask for release; two different people within 15 minutes release. Guarded by the scope `emergency:release`.
         */
        post: operations["postEmergencyRelease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finish what runs and take no new work
         * @description Finish what runs and take no new work. Guarded by the scope `system:maintenance`.
         */
        post: operations["postDrain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rate-limits/{sub}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Set a principal's rate counters back
         * @description Set a principal's rate counters back. Guarded by the scope `admin:users:write`.
         */
        delete: operations["deleteRateLimitsSub"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The charter in force, drafts, and what was in force before
         * @description The charter in force, drafts, and what was in force before. Guarded by the scope `charter:read`.
         */
        get: operations["getCharters"];
        put?: never;
        /**
         * Draft a charter
         * @description Draft a charter. Guarded by the scope `charter:write`.
         */
        post: operations["postCharters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What is wrong with a bundle, by file, line and column
         * @description What is wrong with a bundle, by file, line and column. Guarded by the scope `charter:read`.
         */
        post: operations["postChartersValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put the charter that was in force before in force again
         * @description Put the charter that was in force before in force again. Guarded by the scope `charter:activate`.
         */
        post: operations["postChartersRollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End the trial of a candidate
         * @description End the trial of a candidate. Guarded by the scope `charter:write`.
         */
        delete: operations["deleteChartersShadow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One charter, `active` or by digest, with its files
         * @description One charter, `active` or by digest, with its files. Guarded by the scope `charter:read`.
         */
        get: operations["getChartersId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How it differs, by meaning, from the one in force or from `against`
         * @description How it differs, by meaning, from the one in force or from `against`. Guarded by the scope `charter:read`.
         */
        get: operations["getChartersIdDiff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide the examples that came with it
         * @description Decide the examples that came with it. Guarded by the scope `charter:read`.
         */
        post: operations["postChartersIdTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide recorded decisions again and list the flips
         * @description Decide recorded decisions again and list the flips. Guarded by the scope `charter:read`.
         */
        post: operations["postChartersIdReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a draft beside the charter in force: asked and recorded, not followed
         * @description Try a draft beside the charter in force: asked and recorded, not followed. Guarded by the scope `charter:write`.
         */
        post: operations["postChartersIdShadow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charters/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Vote to put a draft in force; with the quorum it is
         * @description Vote to put a draft in force; with the quorum it is. Guarded by the scope `charter:activate`.
         */
        post: operations["postChartersIdActivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charter/metrics/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * May this sample be collected; also takes a list of up to 100, and answers a list
         * @description May this sample be collected; also takes a list of up to 100, and answers a list. Guarded by the scope `decisions:evaluate`.
         */
        post: operations["postCharterMetricsValidate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List cases, newest first
         * @description List cases, newest first. Guarded by the scope `violations:read`.
         */
        get: operations["getViolations"];
        put?: never;
        /**
         * Report conduct that breaks the charter
         * @description Report conduct that breaks the charter. Guarded by the scope `violations:report`.
         */
        post: operations["postViolations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one case; with its evidence to whoever may decide it
         * @description Show one case; with its evidence to whoever may decide it. Guarded by the scope `violations:read`.
         */
        get: operations["getViolationsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find that it happened: what its severity brings is in force when this answers
         * @description Find that it happened: what its severity brings is in force when this answers. Guarded by the scope `violations:decide`.
         */
        post: operations["postViolationsIdConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find that it did not: what was done because of it is undone
         * @description Find that it did not: what was done because of it is undone. Guarded by the scope `violations:decide`.
         */
        post: operations["postViolationsIdDismiss"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}/appeal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for another hearing; for whom it accuses, who reported it, and the committee
         * @description Ask for another hearing; for whom it accuses, who reported it, and the committee. Guarded by the scope `violations:report`.
         */
        post: operations["postViolationsIdAppeal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Grant the appeal: what was done is undone
         * @description Grant the appeal: what was done is undone. Guarded by the scope `violations:decide`.
         */
        post: operations["postViolationsIdRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/violations/{id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Destroy the key of a case that has ended: what it rested on cannot be read any more
         * @description Destroy the key of a case that has ended: what it rested on cannot be read any more. Guarded by the scope `violations:decide`.
         */
        delete: operations["deleteViolationsIdEvidence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sanctions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sanctions, newest case first
         * @description List sanctions, newest case first. Guarded by the scope `sanctions:read`.
         */
        get: operations["getSanctions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sanctions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one sanction
         * @description Show one sanction. Guarded by the scope `sanctions:read`.
         */
        get: operations["getSanctionsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sanctions/{id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a sanction back before its time
         * @description Take a sanction back before its time. Guarded by the scope `sanctions:write`.
         */
        post: operations["postSanctionsIdLift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the loop did about violations, newest case first, and which nodes threaten
         * @description What the loop did about violations, newest case first, and which nodes threaten. Guarded by the scope `violations:read`.
         */
        get: operations["getHealing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healing/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one healing action
         * @description Show one healing action. Guarded by the scope `violations:read`.
         */
        get: operations["getHealingId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healing/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back what the loop did
         * @description Take back what the loop did. Guarded by the scope `sanctions:write`.
         */
        post: operations["postHealingIdUndo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List overrides, newest first
         * @description List overrides, newest first. Guarded by the scope `approvals:read`.
         */
        get: operations["getOverrides"];
        put?: never;
        /**
         * Let a workflow run without an approval for a time
         * @description Let a workflow run without an approval for a time. Guarded by the scope `approvals:decide`.
         */
        post: operations["postOverrides"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show one override
         * @description Show one override. Guarded by the scope `approvals:read`.
         */
        get: operations["getOverridesId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Vote for its start, or for the renewal that is asked
         * @description Vote for its start, or for the renewal that is asked. Guarded by the scope `approvals:decide`.
         */
        post: operations["postOverridesIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/{id}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for more time, within the limit from its start
         * @description Ask for more time, within the limit from its start. Guarded by the scope `approvals:decide`.
         */
        post: operations["postOverridesIdRenew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End it at once
         * @description End it at once. Guarded by the scope `approvals:decide`.
         */
        post: operations["postOverridesIdEnd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whistleblower/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the reports without a name, newest first
         * @description List the reports without a name, newest first. Guarded by the scope `violations:decide`.
         */
        get: operations["getWhistleblowerReports"];
        put?: never;
        /**
         * Report without a name; the code of the answer reads the answer
         * @description Report without a name; the code of the answer reads the answer. Takes no token.
         */
        post: operations["postWhistleblowerReports"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whistleblower/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read what became of a report, with its code
         * @description Read what became of a report, with its code. Takes no token.
         */
        post: operations["postWhistleblowerAnswers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whistleblower/reports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one of them
         * @description Read one of them. Guarded by the scope `violations:decide`.
         */
        get: operations["getWhistleblowerReportsId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whistleblower/reports/{id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer it
         * @description Answer it. Guarded by the scope `violations:decide`.
         */
        post: operations["postWhistleblowerReportsIdAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/revocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Revocations, newest first
         * @description Revocations, newest first. Guarded by the scope `revocations:write`.
         */
        get: operations["getRevocations"];
        put?: never;
        /**
         * Stop a person's access, export what is held of them, erase it, prove it
         * @description Stop a person's access, export what is held of them, erase it, prove it. Guarded by the scope `revocations:write`.
         */
        post: operations["postRevocations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/revocations/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The second person agrees: the export and the erasure go on
         * @description The second person agrees: the export and the erasure go on. Guarded by the scope `revocations:write`.
         */
        post: operations["postRevocationsIdConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/revocations/{id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * It was a mistake: access is restored, as long as nothing is erased
         * @description It was a mistake: access is restored, as long as nothing is erased. Guarded by the scope `revocations:write`.
         */
        post: operations["postRevocationsIdLift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/revocations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far one has come
         * @description How far one has come. Guarded by the scope `revocations:write`.
         */
        get: operations["getRevocationsId"];
        put?: never;
        post?: never;
        /**
         * It was a mistake: access is restored, as long as nothing is erased
         * @description It was a mistake: access is restored, as long as nothing is erased. Guarded by the scope `revocations:write`.
         */
        delete: operations["deleteRevocationsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/revocations/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The person's records, to be handed to them; kept 30 days
         * @description The person's records, to be handed to them; kept 30 days. Guarded by the scope `revocations:write`.
         */
        get: operations["getRevocationsIdExport"];
        put?: never;
        post?: never;
        /**
         * Destroy the export once it was handed over
         * @description Destroy the export once it was handed over. Guarded by the scope `revocations:write`.
         */
        delete: operations["deleteRevocationsIdExport"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Legal holds in force
         * @description Legal holds in force. Guarded by the scope `admin:system:read`.
         */
        get: operations["getLedgerHolds"];
        put?: never;
        /**
         * Place a legal hold: what it matches is neither pruned nor erased
         * @description Place a legal hold: what it matches is neither pruned nor erased. Guarded by the scope `admin:system:write`.
         */
        post: operations["postLedgerHolds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/holds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Lift a legal hold
         * @description Lift a legal hold. Guarded by the scope `admin:system:write`.
         */
        delete: operations["deleteLedgerHoldsId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/prunings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put on record which closed, sealed and old lanes may leave the store
         * @description Put on record which closed, sealed and old lanes may leave the store. Guarded by the scope `admin:system:write`.
         */
        post: operations["postLedgerPrunings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/state/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare everything that gives power with the records that justify it, and mend what differs
         * @description Compare everything that gives power with the records that justify it, and mend what differs. Guarded by the scope `ledger:read`.
         */
        post: operations["postStateVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record a deployment in the ledger
         * @description Record a deployment in the ledger. Guarded by the scope `deployments:record`.
         */
        post: operations["postDeployments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alerts that the notifier knows, with the record of their last step
         * @description Alerts that the notifier knows, with the record of their last step. Guarded by the scope `alerts:read`.
         */
        get: operations["getAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alerts/{fingerprint}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a firing alert on: recorded, and told to PagerDuty and Slack
         * @description Take a firing alert on: recorded, and told to PagerDuty and Slack. Guarded by the scope `alerts:acknowledge`.
         */
        post: operations["postAlertsFingerprintAcknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alerts/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Notifications that were given up on, with the last answer
         * @description Notifications that were given up on, with the last answer. Guarded by the scope `alerts:read`.
         */
        get: operations["getAlertsDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alerts/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try dead letters again, all or one by its id
         * @description Try dead letters again, all or one by its id. Guarded by the scope `alerts:acknowledge`.
         */
        post: operations["postAlertsRedrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Entries that match, newest first, a page at a time
         * @description Entries that match, newest first, a page at a time. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/entries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One entry with its hash and signature; one’s own without the scope as well
         * @description One entry with its hash and signature; one’s own without the scope as well. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerEntriesId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify the whole ledger now
         * @description Verify the whole ledger now. Guarded by the scope `ledger:read`.
         */
        post: operations["postLedgerVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sessions seen in the last 15 minutes
         * @description Sessions seen in the last 15 minutes. Guarded by the scope `admin:security:read`.
         */
        get: operations["getSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/top-users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The busiest users, or those whose requests failed most, by pseudonym
         * @description The busiest users, or those whose requests failed most, by pseudonym. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerTopUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The newest checkpoint: a C2SP signed note
         * @description The newest checkpoint: a C2SP signed note. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerCheckpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same, where tlog-tiles tools look for it
         * @description The same, where tlog-tiles tools look for it. Guarded by the scope `ledger:read`.
         */
        get: operations["getCheckpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/trust": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys that a verifier starts from
         * @description The public keys that a verifier starts from. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerTrust"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tile/{level}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tile or an entry bundle, as tlog-tiles names it
         * @description A tile or an entry bundle, as tlog-tiles names it. Guarded by the scope `ledger:read`.
         */
        get: operations["getTileLevelName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/entries/{id}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * That the entry is in the tree: a C2SP .tlog-proof, checked offline; one’s own, and a lane’s first, without the scope as well
         * @description That the entry is in the tree: a C2SP .tlog-proof, checked offline; one’s own, and a lane’s first, without the scope as well. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerEntriesIdProof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/consistency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * That the tree of size `to` extends the tree of size `from` (RFC 6962)
         * @description That the tree of size `to` extends the tree of size `from` (RFC 6962). Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerConsistency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts by type and outcome over a time range
         * @description Counts by type and outcome over a time range. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/receipts/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether a receipt, given by its members, is kept, pending, late, broken (a signed promise that the log contradicts) or NOT_OURS
         * @description Whether a receipt, given by its members, is kept, pending, late, broken (a signed promise that the log contradicts) or NOT_OURS. Guarded by the scope `ledger:read`.
         */
        get: operations["getLedgerReceiptsCheck"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports/quarterly": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Violations, sanctions and overrides of a quarter, with the proof that the figures are right
         * @description Violations, sanctions and overrides of a quarter, with the proof that the figures are right. Guarded by the scope `ledger:read`.
         */
        get: operations["getReportsQuarterly"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All metrics, as Prometheus text or OpenMetrics by Accept
         * @description All metrics, as Prometheus text or OpenMetrics by Accept. Guarded by the scope `metrics:read`.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process answers; depends on nothing
         * @description The process answers; depends on nothing. Takes no token.
         */
        get: operations["getHealthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Status of every check
         * @description Status of every check. Takes no token.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * May traffic come?
         * @description May traffic come?. Takes no token.
         */
        get: operations["getHealthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/startup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is start-up over?
         * @description Is start-up over?. Takes no token.
         */
        get: operations["getHealthStartup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/detailed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every check with what it found
         * @description Every check with what it found. Guarded by the scope `system:status`.
         */
        get: operations["getHealthDetailed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/slos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every service level: met, what is left, how fast it burns
         * @description Every service level: met, what is left, how fast it burns. Guarded by the scope `slo:read`.
         */
        get: operations["getSlos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/slos/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One service level; with ?proof=1 the records that it can be recomputed from
         * @description One service level; with ?proof=1 the records that it can be recomputed from. Guarded by the scope `slo:read`.
         */
        get: operations["getSlosId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description This document. Takes no token.
         */
        get: operations["getOpenapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/errors/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What an error code means, and what to do
         * @description What an error code means, and what to do. Takes no token.
         */
        get: operations["getErrorsCode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The console: a page for people, which asks this API under the token of whoever opens it
         * @description The console: a page for people, which asks this API under the token of whoever opens it. Takes no token.
         */
        get: operations["getConsole"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/console/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the console lets people sign in, if not by a token that they bring
         * @description Where the console lets people sign in, if not by a token that they bring. Takes no token.
         */
        get: operations["getConsoleSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/console/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the page of the console loads
         * @description What the page of the console loads. Takes no token.
         */
        get: operations["getConsoleFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/chancery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What there is: references relative to the address of the API (docs/live.md)
         * @description What there is: references relative to the address of the API (docs/live.md). Takes no token.
         */
        get: operations["getWellKnownChancery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notify/alertmanager": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a notification of Alertmanager’s webhook (version 4)
         * @description Take a notification of Alertmanager’s webhook (version 4). Guarded by the scope `alerts:notify`.
         */
        post: operations["postNotifyAlertmanager"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /**
             * Format: uri-reference
             * @description Leads to what the code means
             */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance?: string;
            /** @enum {string} */
            code: "AUTH_REQUIRED" | "INVALID_TOKEN" | "KEYS_UNAVAILABLE" | "INSUFFICIENT_SCOPE" | "REQUEST_BLOCKED" | "CHARTER_DENIED" | "SANCTIONED" | "VALIDATION_ERROR" | "BODY_INCOMPLETE" | "BODY_TOO_LARGE" | "RECORD_TOO_LARGE" | "ORIGIN_REFUSED" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "NOT_ACCEPTABLE" | "UNSUPPORTED_MEDIA_TYPE" | "UPGRADE_REQUIRED" | "RANGE_NOT_SATISFIABLE" | "CONFLICT" | "IDEMPOTENCY_CONFLICT" | "GOVERNANCE_ERROR" | "GOVERNANCE_VALIDATION_FAILED" | "WORKFLOW_NOT_FOUND" | "LEDGER_TOO_LARGE" | "APPROVAL_REQUIRED" | "RATE_LIMITED" | "EMERGENCY_STOP" | "DRAINING" | "LEDGER_UNAVAILABLE" | "STORE_UNAVAILABLE" | "EXECUTION_FAILED" | "EXECUTION_UNKNOWN" | "INTERNAL_ERROR";
            error: string;
            reasons: {
                code: string;
                policy_id?: string;
                path?: string;
                message: string;
                /** @enum {string} */
                kind: "forbidden" | "not_permitted" | "invalid";
            }[];
            trace_id: string;
            decision_id?: string;
        };
        Ran: {
            success: boolean;
            trace_id: string;
            decision_id: string;
            audit_logged: boolean;
            outcome: string;
            governance_summary?: string;
            duration_seconds?: number;
            execution_id?: string;
            output?: unknown;
            settlement?: {
                result: string;
                checks: {
                    [key: string]: unknown;
                }[];
            } & {
                [key: string]: unknown;
            };
            receipt?: components["schemas"]["Receipt"];
            outcome_receipt?: components["schemas"]["Receipt"];
        } & {
            [key: string]: unknown;
        };
        Receipt: {
            id: string;
            lane: number;
            seq: number;
            record_hash: string;
            signature: string;
            certificate_hash: string;
            /** Format: date-time */
            time: string;
            max_merge_delay_seconds: number;
        } & {
            [key: string]: unknown;
        };
        Waits: {
            success: boolean;
            trace_id: string;
            decision_id: string;
            audit_logged: boolean;
            outcome: string;
            governance_summary: string;
            receipt: components["schemas"]["Receipt"];
            reasons?: components["schemas"]["Reason"][];
            approval?: components["schemas"]["Approval"];
            execution_id?: string;
        } & {
            [key: string]: unknown;
        };
        Reason: {
            code: string;
            message: string;
            kind: string;
            path?: string;
            policy_id?: string;
        } & {
            [key: string]: unknown;
        };
        Approval: {
            approval_id: string;
            decision_id: string;
            status: string;
            /** @enum {string} */
            priority: "low" | "medium" | "high" | "critical";
            quorum: number;
            approvals: number;
            drag_mode: string;
            risk_level: number;
            action_digest: string;
            charter: {
                version: string;
                digest: string;
            } & {
                [key: string]: unknown;
            };
            workflow?: string;
            tool?: string;
            /** Format: date-time */
            requested_at: string;
            /** Format: date-time */
            expires_at: string;
            votes: {
                [key: string]: unknown;
            }[];
        } & {
            [key: string]: unknown;
        };
        Decision: {
            reasons: components["schemas"]["Reason"][];
            counterfactual: {
                [key: string]: unknown;
            }[];
            obligations: {
                [key: string]: unknown;
            }[];
            charter: {
                version: string;
                digest: string;
            } & {
                [key: string]: unknown;
            };
            decision_id: string;
            trace_id: string;
            /** @enum {string} */
            outcome: "allow" | "deny" | "require_approval";
            decision: boolean;
            mode: string;
            prescriptive: {
                detected: boolean;
                matches: {
                    [key: string]: unknown;
                }[];
            } & {
                [key: string]: unknown;
            };
            risk_level: number;
            action_digest: string;
            receipt: components["schemas"]["Receipt"];
            latency_us: number;
            capability?: {
                token: string;
                /** Format: date-time */
                expires_at: string;
                single_use: boolean;
                bound_to: string;
            } & {
                [key: string]: unknown;
            };
            approval?: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        Workflow: {
            name: string;
            description: string;
            roles: string[];
            modes: ("draft" | "research" | "analysis" | "grunt" | "execute")[];
            risk_level: number;
            data_classes: string[];
            kind: string;
            parameters: {
                [key: string]: unknown;
            };
            tasks: string[];
            effects: boolean;
            digest: string;
        } & {
            [key: string]: unknown;
        };
        Evaluated: {
            decision: boolean;
            context?: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        Mission: {
            mission_id: string;
            status: string;
            tools: string[];
            max_calls: number;
            calls: number;
            /** Format: date-time */
            expires_at: string;
            aim: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        EmergencyState: {
            state: string;
            audit_logged?: boolean;
            draining?: boolean;
            receipt?: components["schemas"]["Receipt"];
        } & {
            [key: string]: unknown;
        };
        Draft: {
            digest: string;
        } & {
            [key: string]: unknown;
        };
        MetricCheck: {
            is_valid: boolean;
            allowed: boolean;
            /** @enum {string} */
            enforcement_action: "ALLOW" | "REJECT" | "BLOCK";
            reason: string;
            errors: string[];
            warnings: string[];
            latency_ns: number;
        } & {
            [key: string]: unknown;
        };
        Case: {
            violation_id: string;
            violation_type: string;
            /** @enum {string} */
            severity: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
            status: string;
        } & {
            [key: string]: unknown;
        };
        Sanction: {
            sanction_id: string;
            subject: string;
            kind: string;
            severity: string;
            status: string;
            provisional: boolean;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            until?: string;
            violation_id?: string;
        } & {
            [key: string]: unknown;
        };
        HealingAction: {
            healing_id: string;
            status: string;
            action: string;
            severity: string;
            subject: string;
            confidence: number;
            violation_id: string;
            /** Format: date-time */
            changed_at: string;
        } & {
            [key: string]: unknown;
        };
        WorkflowOverride: {
            override_id: string;
            status: string;
        } & {
            [key: string]: unknown;
        };
        Report: {
            report_id: string;
            status: string;
            /** Format: date-time */
            received_at: string;
            /** Format: date-time */
            answer_by: string;
            overdue: boolean;
        } & {
            [key: string]: unknown;
        };
        Revocation: {
            revocation_id: string;
            status: string;
            access: string;
            reason: string;
            subject: string;
            /** Format: date-time */
            requested_at: string;
        } & {
            [key: string]: unknown;
        };
        Hold: {
            hold_id: string;
            reason: string;
            /** Format: date-time */
            placed_at: string;
        } & {
            [key: string]: unknown;
        };
        Alert: {
            [key: string]: unknown;
        };
        Entry: {
            id: string;
            lane: number;
            seq: number;
            record_hash: string;
            signature: string;
            record: {
                type: string;
                /** Format: date-time */
                time: string;
                trace: string;
                data: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        Verification: {
            verdict: string;
            entries: number;
            lanes: number;
            tree_size: number;
            findings: {
                [key: string]: unknown;
            }[];
        } & {
            [key: string]: unknown;
        };
        Health: {
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
            /** Format: date-time */
            timestamp: string;
            checks: ({
                name: string;
                status: string;
                details: {
                    latency_ms: number;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        Objective: {
            id: string;
            title: string;
            description: string;
            /** @enum {string} */
            status: "met" | "warning" | "critical" | "too_few_samples";
            value: number | null;
            measure: string;
            direction: string;
            target: number;
            window_days: number;
            total: number;
            bad: number;
            budget_left: number | null;
            burn_rate: number | null;
        } & {
            [key: string]: unknown;
        };
    };
    responses: {
        /** @description The request is not acceptable; `reasons` name the fields */
        NotAsked: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No token, or a bad one */
        Unauthorized: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The token lacks the scope, or the principal is under a sanction */
        Forbidden: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such resource */
        NotFound: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The answer cannot be had in a form that the client accepts */
        NotAcceptable: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is larger than 1 MB */
        TooLarge: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is no JSON */
        NotJson: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                "Accept-Post": components["headers"]["Accept-Post"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Over a limit */
        TooMany: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Stopped, draining, or something that is needed is away; nothing was done */
        Unavailable: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem document */
        Refused: {
            headers: {
                "X-Trace-ID": components["headers"]["X-Trace-ID"];
                "X-Request-ID": components["headers"]["X-Request-ID"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
        traceId: string;
        /** @description One key, one run: the first answer again for 24 hours */
        idempotencyKey: string;
    };
    requestBodies: never;
    headers: {
        /** @description The trace that this request is part of */
        "X-Trace-ID": string;
        /** @description The id of this request */
        "X-Request-ID": string;
        /** @description What to bring (RFC 6750 §3) */
        "WWW-Authenticate": string;
        /** @description Seconds until another try is worth it */
        "Retry-After": number;
        /** @description The media type that the route takes */
        "Accept-Post": string;
        /** @description Where it can be followed */
        Location: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postWorkflowsGovernedExecute: {
        parameters: {
            query?: never;
            header?: {
                /** @description One key, one run: the first answer again for 24 hours */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "workflow_name": "compliance-report",
                 *       "drag_mode": "grunt",
                 *       "aim": {
                 *         "actor": {
                 *           "name": "Jake Smith"
                 *         },
                 *         "input": {
                 *           "sources": [
                 *             {
                 *               "type": "ledger",
                 *               "description": "the last day of the ledger"
                 *             }
                 *           ]
                 *         },
                 *         "mission": {
                 *           "objective": "Report what was decided during the last day",
                 *           "success_criteria": [
                 *             "a report is written"
                 *           ]
                 *         }
                 *       },
                 *       "parameters": {}
                 *     }
                 */
                "application/json": {
                    workflow_name: string;
                    /** @enum {string} */
                    drag_mode: "draft" | "research" | "analysis" | "grunt" | "execute";
                    aim: {
                        actor: {
                            name: string;
                            role?: string;
                            email?: string;
                        };
                        input: {
                            sources: {
                                type: string;
                                description: string;
                                location?: string;
                            }[];
                            constraints?: string[];
                        };
                        mission: {
                            objective: string;
                            success_criteria: string[];
                            checks?: {
                                criterion: number;
                                path: string;
                                /** @enum {string} */
                                op: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "exists" | "matches" | "contains";
                                value?: unknown;
                            }[];
                        };
                    };
                    parameters?: unknown;
                    data_classes?: ("public" | "internal" | "confidential" | "personal" | "special_category" | "financial" | "credentials")[];
                    /** @enum {integer} */
                    risk_level?: 1 | 2 | 3 | 4 | 5;
                    output_text?: string;
                    options?: {
                        /**
                         * @default enforce
                         * @enum {string}
                         */
                        mode?: "enforce" | "dry_run" | "shadow";
                        /**
                         * @default summary
                         * @enum {string}
                         */
                        explain?: "none" | "summary" | "full";
                    };
                    trace_id?: string;
                };
            };
        };
        responses: {
            /** @description It ran and succeeded; in dry-run and shadow mode, the decision */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ran"];
                };
            };
            /** @description It waits for approval, or runs on and is found under /executions/{id} */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Waits"];
                };
            };
            /** @description The AIM rules or the shape refuse it */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The charter denies it, or a sanction does */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such workflow */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            /** @description A rate limit, quota or budget is used up */
            429: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The workflow failed */
            500: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger cannot be written, so nothing ran */
            503: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    postGovernanceValidate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "workflow_name": "compliance-report",
                 *       "drag_mode": "grunt",
                 *       "aim": {
                 *         "actor": {
                 *           "name": "Jake Smith"
                 *         },
                 *         "input": {
                 *           "sources": [
                 *             {
                 *               "type": "ledger",
                 *               "description": "the last day of the ledger"
                 *             }
                 *           ]
                 *         },
                 *         "mission": {
                 *           "objective": "Report what was decided during the last day",
                 *           "success_criteria": [
                 *             "a report is written"
                 *           ]
                 *         }
                 *       },
                 *       "parameters": {}
                 *     }
                 */
                "application/json": {
                    workflow_name: string;
                    /** @enum {string} */
                    drag_mode: "draft" | "research" | "analysis" | "grunt" | "execute";
                    aim: {
                        actor: {
                            name: string;
                            role?: string;
                            email?: string;
                        };
                        input: {
                            sources: {
                                type: string;
                                description: string;
                                location?: string;
                            }[];
                            constraints?: string[];
                        };
                        mission: {
                            objective: string;
                            success_criteria: string[];
                            checks?: {
                                criterion: number;
                                path: string;
                                /** @enum {string} */
                                op: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "exists" | "matches" | "contains";
                                value?: unknown;
                            }[];
                        };
                    };
                    parameters?: unknown;
                    data_classes?: ("public" | "internal" | "confidential" | "personal" | "special_category" | "financial" | "credentials")[];
                    /** @enum {integer} */
                    risk_level?: 1 | 2 | 3 | 4 | 5;
                    output_text?: string;
                    options?: {
                        /**
                         * @default enforce
                         * @enum {string}
                         */
                        mode?: "enforce" | "dry_run" | "shadow";
                        /**
                         * @default summary
                         * @enum {string}
                         */
                        explain?: "none" | "summary" | "full";
                    };
                    trace_id?: string;
                };
            };
        };
        responses: {
            /** @description The AIM is valid; `decision` says what the charter thinks of it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        valid: boolean;
                        summary: string;
                        /** @enum {string} */
                        drag_mode: "draft" | "research" | "analysis" | "grunt" | "execute";
                        actor: {
                            [key: string]: unknown;
                        };
                        decision: components["schemas"]["Decision"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description The AIM is not valid */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWorkflows: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        workflows: components["schemas"]["Workflow"][];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWorkflowsName: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getExecutionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its state */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        execution_id: string;
                        /** @enum {string} */
                        status: "running" | "succeeded" | "failed" | "stale";
                        workflow: string;
                        drag_mode: string;
                        decision_id: string;
                        trace_id: string;
                        /** @enum {string} */
                        outcome?: "success" | "failure" | "stale";
                        duration_seconds?: number;
                        settlement?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description No such execution */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getExecutionsIdOutput: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes, for who asked for the run */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                    "application/jsonl": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description None, or not yours */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getExecutionsIdDocument: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes, for who asked for the run */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                    "application/jsonl": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description None, or not yours */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postDecisions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "workflow_name": "compliance-report",
                 *       "drag_mode": "grunt",
                 *       "aim": {
                 *         "actor": {
                 *           "name": "Jake Smith"
                 *         },
                 *         "input": {
                 *           "sources": [
                 *             {
                 *               "type": "ledger",
                 *               "description": "the last day of the ledger"
                 *             }
                 *           ]
                 *         },
                 *         "mission": {
                 *           "objective": "Report what was decided during the last day",
                 *           "success_criteria": [
                 *             "a report is written"
                 *           ]
                 *         }
                 *       },
                 *       "parameters": {}
                 *     }
                 */
                "application/json": {
                    workflow_name?: string;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The decision: allow, deny or require_approval */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            /** @description Not a question: neither a workflow nor an action and a resource */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            /** @description A rate limit is used up */
            429: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postDecisionsVerify: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                    request?: unknown;
                    action_digest?: string;
                    /** @default false */
                    keep?: boolean;
                };
            };
        };
        responses: {
            /** @description `valid`, and what it allows or why it is not good */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        valid: boolean;
                        reason?: string;
                        error?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAccessV1SearchSubject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": {
                 *         "type": "user"
                 *       },
                 *       "action": {
                 *         "name": "grunt"
                 *       },
                 *       "resource": {
                 *         "type": "workflow",
                 *         "id": "compliance-report"
                 *       }
                 *     }
                 */
                "application/json": {
                    context?: unknown;
                    page?: {
                        /** @default 100 */
                        limit?: number;
                        token?: string;
                    } & {
                        [key: string]: unknown;
                    };
                    subject: {
                        type: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    action: {
                        name: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    resource: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description `results`, in order */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            type: string;
                            id: string;
                        }[];
                        page?: {
                            next_token: string;
                            count: number;
                            total: number;
                        };
                    };
                };
            };
            /** @description Not a search */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAccessV1SearchResource: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": {
                 *         "type": "user",
                 *         "id": "ada"
                 *       },
                 *       "action": {
                 *         "name": "grunt"
                 *       },
                 *       "resource": {
                 *         "type": "workflow"
                 *       }
                 *     }
                 */
                "application/json": {
                    context?: unknown;
                    page?: {
                        /** @default 100 */
                        limit?: number;
                        token?: string;
                    } & {
                        [key: string]: unknown;
                    };
                    subject: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    action: {
                        name: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    resource: {
                        type: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description `results`, in order */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            type: string;
                            id: string;
                        }[];
                        page?: {
                            next_token: string;
                            count: number;
                            total: number;
                        };
                    };
                };
            };
            /** @description Not a search */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAccessV1SearchAction: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": {
                 *         "type": "user",
                 *         "id": "ada"
                 *       },
                 *       "resource": {
                 *         "type": "workflow",
                 *         "id": "compliance-report"
                 *       }
                 *     }
                 */
                "application/json": {
                    context?: unknown;
                    page?: {
                        /** @default 100 */
                        limit?: number;
                        token?: string;
                    } & {
                        [key: string]: unknown;
                    };
                    subject: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    resource: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description `results`, in order */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            name: string;
                        }[];
                        page?: {
                            next_token: string;
                            count: number;
                            total: number;
                        };
                    };
                };
            };
            /** @description Not a search */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAccessV1Evaluation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": {
                 *         "type": "user",
                 *         "id": "ada"
                 *       },
                 *       "action": {
                 *         "name": "grunt"
                 *       },
                 *       "resource": {
                 *         "type": "workflow",
                 *         "id": "compliance-report"
                 *       }
                 *     }
                 */
                "application/json": {
                    subject: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    action: {
                        name: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    resource: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    context?: unknown;
                    options?: {
                        /**
                         * @default enforce
                         * @enum {string}
                         */
                        mode?: "enforce" | "dry_run" | "shadow";
                        /**
                         * @default summary
                         * @enum {string}
                         */
                        explain?: "none" | "summary" | "full";
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description `decision`, with reasons in `context` */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Evaluated"];
                };
            };
            /** @description Not an evaluation */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAccessV1Evaluations: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": {
                 *         "type": "user",
                 *         "id": "ada"
                 *       },
                 *       "action": {
                 *         "name": "grunt"
                 *       },
                 *       "evaluations": [
                 *         {
                 *           "resource": {
                 *             "type": "workflow",
                 *             "id": "compliance-report"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    subject?: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    action?: {
                        name: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    resource?: {
                        type: string;
                        id: string;
                        properties?: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                    context?: unknown;
                    evaluations?: unknown[];
                    options?: {
                        /**
                         * @default enforce
                         * @enum {string}
                         */
                        mode?: "enforce" | "dry_run" | "shadow";
                        /**
                         * @default summary
                         * @enum {string}
                         */
                        explain?: "none" | "summary" | "full";
                        /**
                         * @default execute_all
                         * @enum {string}
                         */
                        evaluations_semantic?: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description `evaluations`, in the order asked */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        evaluations?: components["schemas"]["Evaluated"][];
                        decision?: boolean;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Not a batch */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWellKnownAuthzenConfiguration: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metadata of the policy decision point */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        policy_decision_point: string;
                        access_evaluation_endpoint: string;
                        access_evaluations_endpoint: string;
                        search_subject_endpoint: string;
                        search_resource_endpoint: string;
                        search_action_endpoint: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    postToolsInvocations: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    tool: string;
                    /** @enum {string} */
                    outcome: "success" | "failure" | "denied" | "cancelled" | "stale";
                    duration_ms?: number;
                    decision_id?: string;
                    error_type?: string;
                };
            };
        };
        responses: {
            /** @description Recorded */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recorded: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description It names a decision that did not allow this call */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    type: string;
                    subject?: string;
                    issuer?: string;
                    data?: unknown;
                };
            };
        };
        responses: {
            /** @description Recorded; its data is sealed under the key of its subject, or dropped if there is none */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recorded: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Of a family, or about a person, that the charter does not give to the caller */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getFlags: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `flags`: name → value and which rule gave it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flags: {
                            [key: string]: {
                                value: boolean;
                                rule: string | number;
                            } & {
                                [key: string]: unknown;
                            };
                        };
                        charter: {
                            version: string;
                            digest: string;
                        } & {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getFlagsName: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `value`, and which rule gave it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flag: string;
                        value: boolean;
                        rule: string | number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description No such flag */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postMcp: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An answer of the protocol, or a stream of it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        jsonrpc: "2.0";
                    } & {
                        [key: string]: unknown;
                    };
                    "text/event-stream": string;
                };
            };
            /** @description A notification was taken */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        jsonrpc: "2.0";
                    } & {
                        [key: string]: unknown;
                    };
                    "text/event-stream": string;
                };
            };
            /** @description Not a message of the protocol, or its headers contradict its body */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The token lacks the scope, or the origin is not known */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Not JSON */
            415: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWellKnownOauthProtectedResourceMcp: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        resource: string;
                        authorization_servers: string[];
                        scopes_supported: string[];
                        bearer_methods_supported: string[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    postMcpServerName: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                server_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An answer of the protocol, or a stream of it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        jsonrpc: "2.0";
                    } & {
                        [key: string]: unknown;
                    };
                    "text/event-stream": string;
                };
            };
            /** @description A notification was taken */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        jsonrpc: "2.0";
                    } & {
                        [key: string]: unknown;
                    };
                    "text/event-stream": string;
                };
            };
            /** @description Not a message of the protocol, or its headers contradict its body */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The token lacks the scope, or the origin is not known */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description Not JSON */
            415: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWellKnownOauthProtectedResourceMcpServerName: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                server_name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        resource: string;
                        authorization_servers: string[];
                        scopes_supported: string[];
                        bearer_methods_supported: string[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    postMissions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "aim": {
                 *         "actor": {
                 *           "name": "Jake Smith"
                 *         },
                 *         "input": {
                 *           "sources": [
                 *             {
                 *               "type": "ledger",
                 *               "description": "the last day of the ledger"
                 *             }
                 *           ]
                 *         },
                 *         "mission": {
                 *           "objective": "Report what was decided during the last day",
                 *           "success_criteria": [
                 *             "a report is written"
                 *           ]
                 *         }
                 *       },
                 *       "tools": [
                 *         "github.create_issue"
                 *       ],
                 *       "duration": "1h",
                 *       "max_calls": 3
                 *     }
                 */
                "application/json": {
                    aim: unknown;
                    tools: string[];
                    /** @default 1h */
                    duration?: string;
                    /** @default 100 */
                    max_calls?: number;
                };
            };
        };
        responses: {
            /** @description Registered and recorded */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mission"];
                };
            };
            /** @description The AIM rules or the shape refuse it */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getMissionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mission"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteMissionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mission"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getTools: {
        parameters: {
            query?: {
                server?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `tools`, and `unreachable` servers with what is the matter */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tools: {
                            [key: string]: unknown;
                        }[];
                        unreachable: {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postToolsReviews: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    tool: string;
                    definition_digest: string;
                };
            };
        };
        responses: {
            /** @description Recorded and pinned */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tool: string;
                        definition_digest: string;
                        reviewed: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not by a person who acts for themselves */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No server offers it now */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It is not what was looked at */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getApprovals: {
        parameters: {
            query?: {
                status?: "pending" | "approved" | "rejected" | "expired";
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        approvals: components["schemas"]["Approval"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getApprovalsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postApprovalsIdApprove: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    comment?: string;
                    action_digest?: string;
                };
            };
        };
        responses: {
            /** @description Counted */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        trace_id: string;
                        approval_id: string;
                        status: string;
                        approval: components["schemas"]["Approval"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not decide it */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such approval */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It ended, expired, was decided by you already, or is not what you looked at */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postApprovalsIdReject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    comment?: string;
                    action_digest?: string;
                };
            };
        };
        responses: {
            /** @description Counted */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        trace_id: string;
                        approval_id: string;
                        status: string;
                        approval: components["schemas"]["Approval"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not decide it */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such approval */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It ended, expired, was decided by you already, or is not what you looked at */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getEmergencyStop: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state, as this process knows it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyState"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postEmergencyStop: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default no reason given */
                    reason?: string;
                    duration?: number | string;
                };
            };
        };
        responses: {
            /** @description Everything is denied from now on */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyState"];
                };
            };
            /** @description The same, but the ledger is away: the record follows when it can be written */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyState"];
                };
            };
            /** @description Longer than the charter allows */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description A stop that lasts longer is in force */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteEmergencyStop: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Released */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Another person has to agree */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Nothing is stopped, or you have asked already, with this account or another */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postEmergencyStopRelease: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Released */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Another person has to agree */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Nothing is stopped, or you have asked already, with this account or another */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postEmergencyRelease: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Released */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Another person has to agree */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Nothing is stopped, or you have asked already, with this account or another */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postDrain: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default 30 */
                    timeout_seconds?: number;
                    /** @default 3600 */
                    for_seconds?: number;
                };
            };
        };
        responses: {
            /** @description Nothing runs any more */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description Something still runs */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteRateLimitsSub: {
        parameters: {
            query?: {
                issuer?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                sub: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counters start anew */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reset: boolean;
                        sub: string;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getCharters: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `active`, `drafts`, `history` */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        active: {
                            digest: string;
                            version: string;
                            status: string;
                        } & {
                            [key: string]: unknown;
                        };
                        drafts: components["schemas"]["Draft"][];
                        history: {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postCharters: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    files: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description Kept as a draft under its digest */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            /** @description Not valid; nothing was kept */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersValidate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    files: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description `valid`, and the problems */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        valid: boolean;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description No bundle, or more of one than is read: too large, too many, nested too deeply */
            400: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersRollback: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default no reason given */
                    reason?: string;
                    to?: string;
                };
            };
        };
        responses: {
            /** @description It is in force; `rolled_back` is false when it was already */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description There was none before, or `to` was not before */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteChartersShadow: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing is tried */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        shadow: string | null;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getChartersId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The charter */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        digest: string;
                        name: string;
                        version: string;
                        status: string;
                        policies: {
                            [key: string]: unknown;
                        }[];
                        files: {
                            [key: string]: string;
                        };
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description No such charter */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getChartersIdDiff: {
        parameters: {
            query?: {
                against?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `added`, `removed`, `changed` */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        added: unknown[];
                        removed: unknown[];
                        changed: unknown[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersIdTest: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What passed, what failed, which policies no example uses */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        passed: number;
                        failed: number;
                        results: {
                            [key: string]: unknown;
                        }[];
                        uncovered: string[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersIdReplay: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default 7d */
                    since?: string;
                };
            };
        };
        responses: {
            /** @description Flips by kind with examples, and the digest that acknowledges them */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        base: string;
                        candidate: string;
                        replayed: number;
                        skipped: number;
                        flips: {
                            [key: string]: unknown;
                        }[];
                        replay_digest: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersIdShadow: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is tried from now on */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        shadow: string;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postChartersIdActivate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    acknowledge?: string[];
                };
            };
        };
        responses: {
            /** @description It is in force */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        activated: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description More people have to agree */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        activated: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or who drafted it */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description Not replayed, flips not acknowledged, voted already, or in force already */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postCharterMetricsValidate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    metric_name: string;
                    value: number | string | boolean;
                    timestamp: string | number;
                    source: string;
                };
            };
        };
        responses: {
            /** @description ALLOW, REJECT or BLOCK, for each sample in order; of whom a sanction holds back, nothing is allowed */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricCheck"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getViolations: {
        parameters: {
            query?: {
                status?: "investigating" | "confirmed" | "dismissed" | "appealed" | "restored";
                severity?: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
                violation_type?: string;
                node_or_service?: string;
                open?: "true" | "false";
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        violations: components["schemas"]["Case"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postViolations: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "violation_type": "data_extraction",
                 *       "node_or_service": "node-7",
                 *       "description": "it copied the customer table to a place of its own",
                 *       "evidence": []
                 *     }
                 */
                "application/json": {
                    violation_type: string;
                    node_or_service: string;
                    description: string;
                    evidence?: string[];
                    issuer?: string;
                };
            };
        };
        responses: {
            /** @description Recorded; an investigation is open */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getViolationsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postViolationsIdConfirm: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    evidence?: string[];
                    /** @enum {string} */
                    severity?: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
                    issuer?: string;
                };
            };
        };
        responses: {
            /** @description On record; a finding of CRIMINAL, or of less where that stands, takes two people who find the same */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such case */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Not from the state that it is in */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postViolationsIdDismiss: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    evidence?: string[];
                    /** @enum {string} */
                    severity?: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
                    issuer?: string;
                };
            };
        };
        responses: {
            /** @description On record; a finding of CRIMINAL, or of less where that stands, takes two people who find the same */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such case */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Not from the state that it is in */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postViolationsIdAppeal: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    evidence?: string[];
                    /** @enum {string} */
                    severity?: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
                    issuer?: string;
                };
            };
        };
        responses: {
            /** @description On record; a finding of CRIMINAL, or of less where that stands, takes two people who find the same */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such case */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Not from the state that it is in */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postViolationsIdRestore: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    evidence?: string[];
                    /** @enum {string} */
                    severity?: "WARNING" | "SUSPENSION" | "BAN" | "CRIMINAL";
                    issuer?: string;
                };
            };
        };
        responses: {
            /** @description On record; a finding of CRIMINAL, or of less where that stands, takes two people who find the same */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description This person may not */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such case */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description Not from the state that it is in */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteViolationsIdEvidence: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Destroyed, and on record */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description It waits for a finding */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getSanctions: {
        parameters: {
            query?: {
                status?: "active" | "lifted" | "expired";
                kind?: "quarantine" | "suspension" | "ban";
                subject?: string;
                issuer?: string;
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sanctions: components["schemas"]["Sanction"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getSanctionsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sanction"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postSanctionsIdLift: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Lifted, or it had ended already */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or the one who is under it */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such sanction */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealing: {
        parameters: {
            query?: {
                status?: "planned" | "deferred" | "withheld" | "shadowed" | "executed" | "failed" | "undone";
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        mode: string;
                        threats: {
                            [key: string]: unknown;
                        }[];
                        healing: components["schemas"]["HealingAction"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealingId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealingAction"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postHealingIdUndo: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Taken back, or there was nothing to take back */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealingAction"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or the one whom it touched */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such healing */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getOverrides: {
        parameters: {
            query?: {
                status?: "waiting" | "active" | "ended";
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        overrides: components["schemas"]["WorkflowOverride"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postOverrides: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    reason: "time_limited_exception" | "risk_accepted";
                    justification: string;
                    workflow_name: string;
                    subject?: string;
                    issuer?: string;
                    /** @enum {string} */
                    environment?: "development" | "staging" | "production";
                    duration?: number | string;
                };
            };
        };
        responses: {
            /** @description In force */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            /** @description In production: it waits for the votes of others */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or the one whom it is for */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getOverridesId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postOverridesIdApprove: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or whom it is for */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such override */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It is over, beyond its limit, or decided by you already */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postOverridesIdRenew: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    duration?: number | string;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or whom it is for */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such override */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It is over, beyond its limit, or decided by you already */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postOverridesIdEnd: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description As it is now */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowOverride"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or whom it is for */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such override */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It is over, beyond its limit, or decided by you already */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getWhistleblowerReports: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reports: components["schemas"]["Report"][];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postWhistleblowerReports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Records of last week were put out of the way."
                 *     }
                 */
                "application/json": {
                    description: string;
                    violation_type?: string;
                    node_or_service?: string;
                    evidence?: string[];
                };
            };
        };
        responses: {
            /** @description Sealed to the committee, which answers within 24 h */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        report_id: string;
                        code: string;
                        /** Format: date-time */
                        answer_by: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            /** @description Too many came within the hour, from all together */
            429: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            default: components["responses"]["Refused"];
        };
    };
    postWhistleblowerAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                };
            };
        };
        responses: {
            /** @description The answer, once there is one */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            /** @description There is no such report. */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            default: components["responses"]["Refused"];
        };
    };
    getWhistleblowerReportsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postWhistleblowerReportsIdAnswer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    answer: string;
                };
            };
        };
        responses: {
            /** @description Whoever has the code can read it */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        trace_id: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description There is no such report. */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description It is answered already */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getRevocations: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        revocations: components["schemas"]["Revocation"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postRevocations: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    subject: string;
                    issuer?: string;
                    /** @enum {string} */
                    reason: "account_closure" | "policy_violation" | "security_incident" | "user_request";
                    subject_token?: string;
                };
            };
        };
        responses: {
            /** @description Erased; `proof` is the receipt of the record that says so */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            /** @description Access is stopped; the rest goes on by itself, or waits for a second person or a legal hold */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            /** @description Not a person, or a token of somebody else */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postRevocationsIdConfirm: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It goes on; how far it has come */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description You asked for it yourself, or it was lifted */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postRevocationsIdLift: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lifted */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description It is erased */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getRevocationsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteRevocationsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lifted */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description Not a person */
            403: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description It is erased */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getRevocationsIdExport: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON Lines */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description None, or none any more */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteRevocationsIdExport: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        removed: boolean;
                        revocation_id: string;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerHolds: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        holds: components["schemas"]["Hold"][];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postLedgerHolds: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": "bob",
                 *       "reason": "a case before a court"
                 *     }
                 */
                "application/json": {
                    subject?: string;
                    issuer?: string;
                    /** Format: date-time */
                    from?: string;
                    /** Format: date-time */
                    to?: string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description In force and on record */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hold"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    deleteLedgerHoldsId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lifted: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postLedgerPrunings: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    retention_days?: number;
                };
            };
        };
        responses: {
            /** @description Nothing is old enough */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lanes: {
                            [key: string]: unknown;
                        }[];
                        retention_days: number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description On record */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        lanes: {
                            [key: string]: unknown;
                        }[];
                        retention_days: number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postStateVerify: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `verdict` is OK or TAMPERED; `findings` name what differed, and whether it was mended */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        verdict: string;
                        items: number;
                        findings: {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postDeployments: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "environment": "staging",
                 *       "version": "1.4.2",
                 *       "commit": "3f2a9c1",
                 *       "result": "success",
                 *       "lead_time_seconds": 5400
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    environment: "dev" | "staging" | "prod" | "other";
                    version: string;
                    commit: string;
                    /** @enum {string} */
                    result: "success" | "failure" | "rollback";
                    /** Format: date-time */
                    committed_at?: string;
                    lead_time_seconds?: number;
                    restores?: string;
                };
            };
        };
        responses: {
            /** @description `deployment_id` and the receipt */
            201: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deployment_id: string;
                        environment: string;
                        version: string;
                        result: string;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getAlerts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        alerts: components["schemas"]["Alert"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAlertsFingerprintAcknowledge: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                fingerprint: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        acknowledged: boolean;
                        receipt: components["schemas"]["Receipt"];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getAlertsDeadLetters: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        dead_letters: {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postAlertsRedrive: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    id?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        redriven: unknown;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerEntries: {
        parameters: {
            query?: {
                type?: string;
                outcome?: string;
                mode?: "draft" | "research" | "analysis" | "grunt" | "execute" | "none";
                workflow?: string;
                trace?: string;
                subject?: string;
                issuer?: string;
                from?: string;
                to?: string;
                cursor?: string;
                limit?: number;
                order?: "newest" | "oldest";
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `entries`, and `next` while there may be more */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: components["schemas"]["Entry"][];
                        next?: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerEntriesId: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entry"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    postLedgerVerify: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The verdict with its findings, whatever they are */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verification"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            /** @description It takes longer than a request may; the command `ledger verify` has no limit */
            422: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getSessions: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `sessions`, the most recent first, by pseudonym */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: ({
                            session_id: string;
                            subject: string | null;
                            /** Format: date-time */
                            first_seen: string;
                            /** Format: date-time */
                            last_seen: string;
                            records: number;
                            refused: number;
                        } & {
                            [key: string]: unknown;
                        })[];
                        complete: boolean;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerTopUsers: {
        parameters: {
            query?: {
                by?: "decisions" | "unsuccessful";
                from?: string;
                limit?: number;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `users`, the first by `by`; `complete` is false when older records were not looked at */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        users: ({
                            subject: string;
                            decisions: number;
                            denied: number;
                            scope_denied: number;
                            limited: number;
                            failed: number;
                            unsuccessful: number;
                        } & {
                            [key: string]: unknown;
                        })[];
                        by: string;
                        /** Format: date-time */
                        from: string;
                        complete: boolean;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerCheckpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description Nothing is sealed yet; try again shortly */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getCheckpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description Nothing is sealed yet; try again shortly */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerTrust: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        v: number;
                        origin: string;
                        authorities: ({
                            public_key: string;
                            from_lane: number;
                            to_lane?: number;
                            /** Format: date-time */
                            not_after?: string;
                        } & {
                            [key: string]: unknown;
                        })[];
                        log_keys: string[];
                        witnesses: string[];
                        max_merge_delay_seconds: number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getTileLevelName: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                level: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerEntriesIdProof: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description text/plain */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            /** @description Not sealed yet; try again shortly */
            409: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerConsistency: {
        parameters: {
            query: {
                from: number;
                to?: number;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        from: number;
                        to: number;
                        proof: string[];
                        checkpoint: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description Nothing is sealed yet; try again shortly */
            404: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerReport: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: number;
                        by_type: {
                            [key: string]: number;
                        };
                        by_outcome: {
                            [key: string]: number;
                        };
                        checkpoint: string | null;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getLedgerReceiptsCheck: {
        parameters: {
            query: {
                id: string;
                lane: number;
                seq: number;
                record_hash: string;
                signature: string;
                certificate_hash: string;
                time: string;
                max_merge_delay_seconds: number;
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of the promise */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "kept";
                        index: number;
                        tree_size: number;
                    } | {
                        /** @constant */
                        status: "pending";
                        seconds_left: number;
                        stored: boolean;
                    } | {
                        /** @constant */
                        status: "late";
                        seconds_over: number;
                    } | {
                        /** @constant */
                        status: "broken";
                        contradiction: {
                            what: string;
                            promised: {
                                id: string;
                                record_hash: string;
                                signature: string;
                            };
                            found: {
                                record_hash: string;
                                signature: string;
                                record: string;
                            } | null;
                            checkpoint: string | null;
                        };
                    } | {
                        /** @constant */
                        status: "NOT_OURS";
                        detail: string;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getReportsQuarterly: {
        parameters: {
            query?: {
                quarter?: string;
                from?: string;
                to?: string;
                from_size?: number;
                to_size?: number;
                format?: "json" | "markdown" | "html";
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        period: {
                            [key: string]: unknown;
                        };
                        records: number;
                        violations: {
                            [key: string]: unknown;
                        };
                        sanctions: {
                            [key: string]: unknown;
                        };
                        proof: {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    };
                    "text/markdown": string;
                    "text/html": string;
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/openmetrics-text": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealthLive: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealthReady: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealthStartup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getHealthDetailed: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getSlos: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        timestamp: string;
                        slos: components["schemas"]["Objective"][];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getSlosId: {
        parameters: {
            query?: {
                proof?: "0" | "1";
            };
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Objective"];
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
    getOpenapiJson: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        openapi: string;
                        info: {
                            [key: string]: unknown;
                        };
                        paths: {
                            [key: string]: unknown;
                        };
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getErrorsCode: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/markdown": string;
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getConsole: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getConsoleSignIn: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `issuers`, each with the client that the console is there */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        issuers: {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getConsoleFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file; it never changes under this name */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                    "text/css": string;
                    "image/svg+xml": string;
                    "text/html": string;
                };
            };
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    getWellKnownChancery: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        live: string;
                        mcp: string;
                        console: string;
                        openapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            406: components["responses"]["NotAcceptable"];
            default: components["responses"]["Refused"];
        };
    };
    postNotifyAlertmanager: {
        parameters: {
            query?: never;
            header?: {
                /** @description The trace to go by, where well formed; else `traceparent`, else a new one */
                "X-Trace-ID"?: components["parameters"]["traceId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    status: "firing" | "resolved";
                    groupKey?: string;
                    groupLabels?: {
                        [key: string]: string;
                    };
                    truncatedAlerts?: number;
                    alerts: {
                        /** @enum {string} */
                        status: "firing" | "resolved";
                        labels: {
                            [key: string]: string;
                        };
                        annotations?: {
                            [key: string]: string;
                        };
                        /** Format: date-time */
                        startsAt: string;
                        /** Format: date-time */
                        endsAt?: string;
                        generatorURL?: string;
                        fingerprint?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Every step is in the ledger and every message in the outbox */
            202: {
                headers: {
                    "X-Trace-ID": components["headers"]["X-Trace-ID"];
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accepted: number;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["NotAsked"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["NotJson"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
            default: components["responses"]["Refused"];
        };
    };
}
