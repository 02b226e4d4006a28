// Wagtail's picker replaces what it cannot read by the present moment when a field is left. It shows days and hours;
// what is typed is read by the server, which says in words what it cannot read and leaves it where it is.
Object.assign(jQuery.fn.datetimepicker.defaults, { validateOnBlur: false, step: 15 });
