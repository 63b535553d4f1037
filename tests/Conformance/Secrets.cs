using ActivityHub.TestKit;
using Xunit;

// What any test of this assembly has used is searched for in what any of its hubs has logged.
[assembly: AssemblyFixture(typeof(LoggedSecrets))]
