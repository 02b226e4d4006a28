"""Who may open what, of every address: the test of the walk fails for a name that is missing here, or no longer there.

A new address gets the strictest word that is true of it.
"""

PUBLIC = "open to anybody"
STAFF = "open to whoever is signed in, the second step owed or not"
SIGNED_IN = "open to all of the staff, about themselves or nobody"
SHARED = "open to all of the staff with the verb, because everybody may know it"
OWN = "open to whoever has the verb, about their own rows"
ADMINISTRATORS = "open to administrators, or those whom they let do their work"
NOBODY = "closed: what the admin makes by itself and nothing of ours needs"

TABLE = {
    PUBLIC: {
        "": """
            calendar health health-live health-sell legal legal-version mail-events media metrics robots rss
            security-contact sitemap sitemap-part wagtail_serve wagtailadmin_javascript_catalog wagtailadmin_login
            wagtailadmin_password_reset wagtailadmin_password_reset_complete wagtailadmin_password_reset_confirm
            wagtailadmin_password_reset_done wagtailadmin_sprite wagtailcore_authenticate_with_password
            wagtailcore_login wagtaildocs_authenticate_with_password wagtaildocs_serve
        """,
        "payments": "callback events",
        "ticketing": """
            basket basket-status change checkout extend find hold live my-data my-data-erase
            my-data-held my-data-json order order-address order-calendar order-cancel order-choice order-follow
            order-pay order-pdf order-qr order-resend order-status rehold release sale
        """,
    },
    STAFF: {
        "": "second_step second_step_codes second_step_remove second_step_set_up second_step_verify",
    },
    SIGNED_IN: {
        "": """
            /admin/^.*/$ /admin/test404/ staff_session_end staff_sessions staff_sessions_end_others
            wagtailadmin_account wagtailadmin_block_preview wagtailadmin_choose_page_anchor_link
            wagtailadmin_choose_page_email_link wagtailadmin_choose_page_external_link
            wagtailadmin_choose_page_phone_link wagtailadmin_dismissibles wagtailadmin_home
            wagtailadmin_logout wagtailadmin_tag_autocomplete wagtailadmin_tag_model_autocomplete
        """,
        "wagtailadmin_editing_sessions": "release",
        "wagtailembeds": "chooser chooser_upload",
    },
    SHARED: {
        "": "date_clashes wagtailadmin_choose_page_child wagtailadmin_explore wagtailadmin_explore_results",
        "wagtailsnippetchoosers_events_pages_eventcategory": "choose choose_results chosen chosen_multiple",
        "wagtailsnippetchoosers_events_pages_organiser": "choose choose_results chosen chosen_multiple",
        "wagtailsnippetchoosers_events_pages_venue": "choose choose_results chosen chosen_multiple",
        "wagtailsnippets_events_pages_eventcategory": "list list_results",
        "wagtailsnippets_events_pages_organiser": "inspect list list_results",
        "wagtailsnippets_events_pages_venue": "inspect list list_results",
    },
    OWN: {
        "check_ins": "history history_results index index_results inspect",
        "daily_reports": "history history_results index index_results inspect walk",
        "discrepancies": "close history history_results index index_results inspect verify",
        "dates": "add change copied copy delete edit list pass sell selling series several",
        "": """
            event_notices event_statement notice notice_decline notice_undo payments_health row_suggestions
            sale_statement wagtail_bulk_action wagtailadmin_choose_page wagtailadmin_choose_page_chosen_multiple
            wagtailadmin_choose_page_search wagtailadmin_explore_root
        """,
        "merchants": "check disconnect history history_results index index_results inspect",
        "movements": "history history_results index index_results inspect",
        "order_desk": """
            accept address batch batch-resume batch-stop erase refund refund-action refund-payment
            refund-sale resend verify
        """,
        "orders": "history history_results index index_results inspect",
        "payment_records": "history history_results index index_results inspect look",
        "payments": "connect connect-choose connect-return",
        "ticketing": "scan scan-performance",
        "tickets": "history history_results index index_results inspect",
        "wagtailadmin_api:pages": "detail find listing",
        "wagtailadmin_editing_sessions": "ping",
        "wagtailadmin_pages": """
            add add_subpage choose_parent collect_workflow_action_data confirm_workflow_cancellation
            convert_alias copy delete edit history history_results lock move move_confirm preview_on_add
            preview_on_edit revisions_compare revisions_index revisions_revert revisions_unschedule
            revisions_view search search_results set_page_position set_privacy type_use type_use_results
            unlock unpublish usage view_draft workflow_action workflow_history workflow_history_detail
            workflow_preview
        """,
        "wagtaildocs": """
            add add_multiple create_multiple_from_uploaded_document delete delete_multiple
            delete_upload_multiple document_usage edit edit_multiple index index_results
        """,
        "wagtaildocs_chooser": "choose choose_results chosen chosen_multiple create",
        "wagtailforms": "delete_submissions index index_results list_submissions list_submissions_results",
        "wagtailimages": """
            add add_multiple create_multiple_from_uploaded_image delete delete_multiple
            delete_upload_multiple edit edit_multiple image_usage index index_results preview
        """,
        "wagtailimages_chooser": "choose choose_results chosen chosen_multiple create select_format",
        "wagtailsnippetchoosers_ticketing_eventsale": "choose choose_results chosen chosen_multiple",
        "wagtailsnippetchoosers_ticketing_tickettype": "choose choose_results chosen chosen_multiple",
        "wagtailsnippets_events_pages_organiser": "add copy delete edit history history_results usage",
        "wagtailsnippets_events_pages_venue": "add copy delete edit history history_results usage",
        "wagtailsnippets_ticketing_eventsale": """
            add delete edit history history_results inspect list list_results usage
        """,
        "wagtailsnippets_ticketing_tickettype": """
            add delete edit history history_results inspect list list_results usage
        """,
    },
    ADMINISTRATORS: {
        "": """
            database_watch erasures_report erasures_report_results launch maintenance polling sign_in_end_session
            sign_in_end_sessions sign_in_lift sign_in_people sign_in_person sign_in_reset_step
            sign_ins_report sign_ins_report_results worker_task_again worker_tasks
        """,
        "merchants": "edit usage",
        "order_desk": "by-hand",
        "wagtailadmin_api:documents": "detail find listing",
        "wagtailadmin_api:images": "detail find listing",
        "wagtailadmin_collections": "add delete edit index set_privacy",
        "wagtailadmin_reports": """
            aging_pages aging_pages_results locked_pages locked_pages_results page_types_usage
            page_types_usage_results site_history site_history_results workflow workflow_results
            workflow_tasks workflow_tasks_results
        """,
        "wagtailadmin_workflows": """
            add add_task disable disable_task edit edit_task enable enable_task index index_results
            remove select_task_type task_chooser task_chooser_create task_chooser_results task_chosen
            task_index task_index_results usage usage_results
        """,
        "wagtailredirects": "add delete edit index index_results process_import start_import",
        "wagtailsettings": "edit preview_on_edit",
        "wagtailsites": "add copy delete edit history history_results index index_results usage",
        "wagtailsnippets_events_pages_eventcategory": "add copy delete edit history history_results usage",
        "wagtailusers_groups": "add delete edit history history_results index index_results usage",
        "wagtailusers_users": "add copy delete edit history history_results index index_results usage",
    },
    NOBODY: {
        "check_ins": "add delete edit usage",
        "daily_reports": "add delete edit usage",
        "discrepancies": "add delete edit usage",
        "merchants": "add delete",
        "movements": "add delete edit usage",
        "orders": "add delete edit usage",
        "payment_records": "add delete edit usage",
        "tickets": "add delete edit usage",
        "wagtailadmin_api:pages": "action",
        "": "wagtailadmin_error_test",
        "wagtailimages": "url_generator url_generator_output",
        "wagtailsnippets": "index",
    },
}
EXPECTED = {
    f"{namespace}:{name}" if namespace else name: expected
    for expected, namespaces in TABLE.items()
    for namespace, names in namespaces.items()
    for name in names.split()
}
NOT_IN_THE_WORLD = {
    "wagtailadmin_pages:convert_alias",
    "wagtailadmin_pages:revisions_unschedule",
    "wagtaildocs:create_multiple_from_uploaded_document",
    "wagtaildocs:delete_upload_multiple",
    "wagtailforms:list_submissions",
    "wagtailforms:list_submissions_results",
    "wagtailimages:create_multiple_from_uploaded_image",
    "wagtailimages:delete_upload_multiple",
}
"""About things that neither organiser has, or that are looked for among one's own only."""
BREAKS = {
    "health",
    "health-sell",  # 503, as it should, without a worker
    "wagtailredirects:process_import",  # Wagtail's, for administrators: the second form without the first
}
