using AiDc.Api.V1Alpha1;
using AiDc.Operator.Coordination.Authentication;
using Grpc.Core;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Coordination;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AuthenticationTests
{
    private readonly InMemoryApi api = new();
    private readonly FakeTimeProvider clock = new();

    [Test]
    public async Task A_token_proves_the_worker_by_its_pod()
    {
        var result = await AskAsync(api.AddWorker("digits", 3, 2));

        Assert.That(result.Worker, Is.EqualTo(new Operator.Coordination.WorkerIdentity(
            new("team", "digits", "uid-digits"), 3, 2, "digits-worker-2-3", "uid-digits-2-3")));
    }

    [Test]
    public async Task A_pod_that_replaces_a_lost_worker_is_that_worker_too()
    {
        var result = await AskAsync(api.AddWorker("digits", 3, 2, change: pod =>
        {
            pod.Metadata.Name += "-1";
            pod.Metadata.Labels[AiDc.Api.Labels.Incarnation] = "1";
        }));

        Assert.That(result.Worker, Is.EqualTo(new Operator.Coordination.WorkerIdentity(
            new("team", "digits", "uid-digits"), 3, 2, "digits-worker-2-3-1", "uid-digits-2-3")));
    }

    [Test]
    public async Task No_token_is_refused_with_the_way_to_send_one()
    {
        using var authenticator = new WorkerAuthenticator(api, clock, NullLogger<WorkerAuthenticator>.Instance);

        var result = await authenticator.AuthenticateAsync(null, default);

        Assert.That((result.Worker, result.Problem), Is.EqualTo(((object?)null, "no token: send 'Authorization: Bearer' with the content of $AIDC_TOKEN_FILE")));
    }

    [TestCase("not-a-token")]
    [TestCase("")]
    public async Task A_token_that_nobody_issued_is_refused(string token) =>
        Assert.That((await AskAsync(token)).Problem, Is.Not.Null);

    [Test]
    public async Task A_token_for_another_audience_is_refused()
    {
        api.AddWorker("digits", 1, 0);

        var result = await AskAsync(api.AddToken("team", "digits-worker-0-1", "uid-digits-0-1", "https://kubernetes.default.svc"));

        Assert.That(result.Worker, Is.Null);
        Assert.That(result.Problem, Is.Not.Null);
    }

    [Test]
    public void An_answer_without_our_audience_proves_nothing_even_if_the_token_is_valid()
    {
        var review = TokenReviews.Ask("t");
        review.Status = new V1TokenReviewStatus
        {
            Authenticated = true,
            User = new V1UserInfo { Username = "system:serviceaccount:team:default" },
        };

        Assert.That(TokenReviews.Read(review), Is.EqualTo(((PodReference?)null, "the token is not for the audience aidc.dev")));
    }

    [Test]
    public async Task A_token_of_a_pod_that_was_deleted_is_refused()
    {
        var token = api.AddWorker("digits", 1, 0);
        api.Remove<V1Pod>(new("team", "digits-worker-0-1"));

        Assert.That((await AskAsync(token)).Problem, Does.Contain("is gone"));
    }

    [Test]
    public async Task A_token_of_a_pod_before_the_one_of_this_name_is_refused()
    {
        var token = api.AddWorker("digits", 1, 0);
        api.AddWorker("digits", 1, 0, change: p => p.Metadata.Uid = "another");

        Assert.That((await AskAsync(token)).Problem, Does.Contain("is gone"));
    }

    [Test]
    public async Task A_pod_that_has_ended_says_nothing_more() =>
        Assert.That((await AskAsync(api.AddWorker("digits", 1, 0, change: p => p.Status.Phase = "Succeeded"))).Problem, Does.Contain("has ended"));

    private static readonly Action<V1Pod>[] Impostors =
    [
        p => p.Metadata.OwnerReferences = null,
        p => p.Metadata.OwnerReferences[0].Controller = false,
        p => p.Metadata.OwnerReferences[0].ApiVersion = "batch/v1",
        p => p.Metadata.OwnerReferences[0].Kind = "Job",
        p => p.Metadata.OwnerReferences[0].Name = "victim",
        p => p.Metadata.OwnerReferences[0].Uid = "uid-victim",
        p => p.Metadata.Labels = null,
        p => p.Metadata.Labels["aidc.dev/job-uid"] = "uid-victim",
        p => p.Metadata.Labels["aidc.dev/attempt"] = "9",
        p => p.Metadata.Labels["aidc.dev/worker-index"] = "-1",
    ];

    [Test]
    public async Task A_pod_that_the_operator_did_not_make_so_is_nobodys_worker([Range(0, 9)] int impostor) =>
        Assert.That((await AskAsync(api.AddWorker("digits", 1, 0, change: Impostors[impostor]))).Worker, Is.Null);

    private static IEnumerable<TestCaseData> Forged()
    {
        yield return Case("an attempt to come", 4, 0, 0, "attempt 4 has not begun");
        yield return Case("a worker too many", 3, 2, 0, "there is no worker 2");
        yield return Case("a replacement that nobody made", 3, 1, 2, "worker 1 was not replaced so often");
        static TestCaseData Case(string name, int attempt, int index, int incarnation, string why) => new TestCaseData(attempt, index, incarnation, why).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Forged))]
    public async Task Who_may_create_pods_makes_no_worker_by_owner_and_labels(int attempt, int index, int incarnation, string why)
    {
        var token = Forge(attempt, index, incarnation);

        var result = await AskAsync(token);
        Assert.That(result.Worker, Is.Null);
        Assert.That(result.Problem, Does.Contain(why));
    }

    [Test]
    public async Task Pods_of_the_attempt_before_and_those_that_were_replaced_may_still_say_how_they_end()
    {
        Assert.That((await AskAsync(Forge(2, 5, 0))).Worker, Is.Not.Null);
        Assert.That((await AskAsync(Forge(3, 1, 0))).Worker, Is.Not.Null);
        Assert.That((await AskAsync(Forge(3, 1, 1))).Worker, Is.Not.Null);
    }

    [Test]
    public async Task A_pod_whose_job_is_gone_or_another_is_nobodys_worker()
    {
        var token = Forge(3, 0, 0);
        api.Put(Job("uid-of-the-next"));
        Assert.That((await AskAsync(token)).Problem, Does.Contain("is another one by now"));
        api.Remove<TrainingJob>(new("team", "digits"));
        Assert.That((await AskAsync(token)).Problem, Does.Contain("is gone"));
    }

    [Test]
    public async Task A_cache_that_is_behind_turns_no_worker_away()
    {
        var token = Forge(3, 1, 1);
        var behind = new JobsInMemory();
        behind.Jobs.Add(new() { Metadata = new() { Name = "digits", NamespaceProperty = "team", Uid = "uid-digits" }, Status = new() { Attempt = 1 } });
        using var authenticator = new WorkerAuthenticator(api, clock, NullLogger<WorkerAuthenticator>.Instance, behind);

        Assert.That((await authenticator.AuthenticateAsync("Bearer " + token, default)).Worker, Is.Not.Null);
    }

    /// <summary>A pod with owner and labels as the operator writes them, of a job of two workers at attempt 3 whose worker 1 was replaced once.</summary>
    private string Forge(int attempt, int index, int incarnation)
    {
        var token = api.AddWorker("digits", attempt, index, change: pod =>
        {
            if (incarnation == 0) return;
            pod.Metadata.Name += $"-{incarnation}";
            pod.Metadata.Labels[AiDc.Api.Labels.Incarnation] = $"{incarnation}";
        });
        api.Put(Job("uid-digits"));
        return token;
    }

    private static TrainingJob Job(string uid) => new()
    {
        Metadata = new() { Name = "digits", NamespaceProperty = "team", Uid = uid },
        Spec = new() { Workers = new() { Replicas = 2 } },
        Status = new() { Attempt = 3, Replacements = [new() { Index = 1, Incarnation = 1 }] },
    };

    [Test]
    public async Task An_answer_is_kept_for_a_minute()
    {
        using var authenticator = new WorkerAuthenticator(api, clock, NullLogger<WorkerAuthenticator>.Instance);
        var token = "Bearer " + api.AddWorker("digits", 1, 0);
        for (var i = 0; i < 5; i++)
            await authenticator.AuthenticateAsync(token, default);
        Assert.That(api.Reviews, Is.EqualTo(1));

        clock.Advance(TimeSpan.FromSeconds(61));
        await authenticator.AuthenticateAsync(token, default);

        Assert.That(api.Reviews, Is.EqualTo(2));
    }

    [Test]
    public async Task That_the_server_is_away_is_not_held_against_the_worker()
    {
        using var authenticator = new WorkerAuthenticator(api, clock, NullLogger<WorkerAuthenticator>.Instance);
        var token = "Bearer " + api.AddWorker("digits", 1, 0);
        api.Away = true;
        Assert.That(await authenticator.AuthenticateAsync(token, default), Has.Property("Unavailable").True.And.Property("Worker").Null);

        api.Away = false;

        Assert.That((await authenticator.AuthenticateAsync(token, default)).Worker, Is.Not.Null);
    }

    [Test]
    public async Task A_stream_without_a_good_token_never_opens()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var client = new RawWorker(leader, "stolen");
        using var call = client.Open();

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));

        Assert.That(error!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
        Assert.That(error.Status.Detail, Is.EqualTo("the token is not valid, or has expired").And.Not.Contain("stolen"));
    }

    [Test]
    public async Task A_worker_whose_token_was_bad_is_heard_once_the_file_holds_a_good_one()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var worker = new TestWorker(leader.Address, leader.Endpoint.CaBundle, "expired");
        worker.AtStep(4);
        await worker.Noted("not valid, or has expired");

        await File.WriteAllTextAsync(worker.TokenFile, api.AddWorker("digits", 1, 0) + "\n");

        await Until.True(() => leader.Board.Get("uid-digits")?.Training?.Step == 4, "the worker is heard");
    }

    private async Task<AuthenticationResult> AskAsync(string token)
    {
        using var authenticator = new WorkerAuthenticator(api, clock, NullLogger<WorkerAuthenticator>.Instance);
        return await authenticator.AuthenticateAsync("Bearer " + token, default);
    }
}
