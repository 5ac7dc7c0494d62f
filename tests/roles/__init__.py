"""Who may call what: every route of the OpenAPI document, driven by people of every role."""
