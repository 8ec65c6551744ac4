using AiDc.Api.Tests.Server.Current;

namespace AiDc.Api.Tests.Generation;

/// <summary>Not beside the pairs: whatever lies there starts an API server, and this one needs none.</summary>
[TestFixture]
internal sealed class RulePairsTests
{
    [Test]
    public void Every_rule_of_the_definitions_has_a_pair() =>
        Assert.That(
            DefinedRule.All().Select(r => (r.Plural, r.At, r.Expression)),
            Is.EquivalentTo(RulePairs.All().Select(p => (p.Plural, p.At, p.Expression)).Distinct()));
}
