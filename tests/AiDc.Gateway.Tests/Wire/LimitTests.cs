using System.Net;
using AiDc.Gateway.Services;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Rates, and keys that nobody can check.</summary>
public sealed class LimitTests
{
    [Test]
    public async Task What_is_beyond_the_rate_is_refused_and_is_no_demand()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { RateLimit = new RateLimitConfig(0.05, 4, null) }, replica);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.SendAsync();
            statuses.Add(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) Assert.That(response.Headers.RetryAfter!.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        }

        Assert.That(statuses.Count(s => s == HttpStatusCode.OK), Is.EqualTo(4));
        Assert.That(statuses.Count(s => s == HttpStatusCode.TooManyRequests), Is.EqualTo(6));
        Assert.That((replica.Executed.Count, gateway.Service.Dispatcher.Load().Arrivals), Is.EqualTo((4, 4ul)));
    }

    [Test]
    public async Task A_change_of_something_else_does_not_fill_the_bucket_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var replica = await TestReplica.StartAsync("one");
        var config = TestGateway.Config(("r1", 100)) with { RateLimit = new RateLimitConfig(0.05, 1, null) };
        await gateway.ServeAsync(config, replica);
        (await gateway.SendAsync()).Dispose();

        gateway.Table.Configure(config with { Concurrency = 7, RateLimit = new RateLimitConfig(0.05, 1, null) });

        using var response = await gateway.SendAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task Where_keys_are_asked_for_and_not_known_nobody_passes()
    {
        await using var gateway = await TestGateway.StartAsync(("Gateway:ApiKeySecrets:0", "aidc-api-keys"));
        await using var replica = await TestReplica.StartAsync("one");

        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { ApiKeySecret = "aidc-api-keys" }, replica);
        using var unread = await gateway.SendAsync(change: r => r.Headers.Add("x-api-key", "guess"));
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { ApiKeySecret = "some-other-secret" }, replica);
        using var beyond = await gateway.SendAsync(change: r => r.Headers.Add("x-api-key", "guess"));

        Assert.That(unread.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(beyond.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await beyond.Content.ReadAsStringAsync(), Does.Contain("may not read Secret some-other-secret").And.Contain("gateway.apiKeySecrets"));
        Assert.That(replica.Executed, Is.Empty);
    }
}
