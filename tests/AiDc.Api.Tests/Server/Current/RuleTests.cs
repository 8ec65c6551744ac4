using System.Net;
using System.Text.Json.Nodes;

namespace AiDc.Api.Tests.Server.Current;

[TestFixtureSource(typeof(CurrentServers), nameof(CurrentServers.Names)), Category("Integration")]
internal sealed class RuleTests(string name)
{
    private TestServer _server = null!;

    [OneTimeSetUp]
    public void Find() => _server = CurrentServers.Get(name);

    [TestCaseSource(typeof(RulePairs), nameof(RulePairs.All))]
    public async Task What_breaks_a_rule_is_refused_in_its_own_words_and_what_is_near_is_taken(RulePair pair)
    {
        var (refused, answer) = await CreateAsync(pair, pair.Breaks);
        var (taken, near) = await CreateAsync(pair, pair.Near);

        var causes = answer["details"]?["causes"]?.AsArray() ?? [];
        Assert.That(refused, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.ToJsonString());
        Assert.That(causes, Has.Count.EqualTo(1), answer.ToJsonString());
        Assert.That(causes[0]!["field"]!.GetValue<string>(), Is.EqualTo(pair.At));
        Assert.That(causes[0]!["message"]!.GetValue<string>(), Does.EndWith(DefinedRule.All().First(r => r.Expression == pair.Expression).Message));
        Assert.That(taken, Is.EqualTo(HttpStatusCode.Created), near.ToJsonString());
    }

    private Task<(HttpStatusCode Code, JsonObject Body)> CreateAsync(RulePair pair, JsonObject manifest) =>
        _server.SendAsync(HttpMethod.Post, ApiServer.PathOf(pair.Plural, "default") + "?dryRun=All&fieldValidation=Strict", manifest);
}
