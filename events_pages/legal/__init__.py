"""What the law asks of a site: legal texts, cookies, consent, a contact. Read `sample_texts` first."""
