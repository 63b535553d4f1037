using ActivityHub.TestKit;
using Xunit;

// The secrets of all tests of this assembly are searched for in the logs of all its hubs.
[assembly: AssemblyFixture(typeof(LoggedSecrets))]
