"""SumUp over HTTP: the only package that knows its paths and words. It knows no model. Read `client` first."""
