using System.Net;
using System.Text;
using AiDc.Operator.Coordination.Board;

namespace AiDc.Operator.Tests.Coordination;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProgressEndpointTests
{
    private readonly InMemoryApi api = new();

    [Test]
    public async Task An_image_of_the_users_own_reports_with_one_put()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var http = leader.Http(api.AddWorker("digits", 1, 0));

        using var answer = await http.PutAsync("/v1/progress", Json(
            """{"epoch":2,"epochs":10,"step":5,"totalSteps":50,"loss":0.25,"metrics":{"accuracy":0.9},"samplesPerSecond":900}"""));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        var known = leader.Board.Get("uid-digits")!.Training!;
        Assert.That((known.Epoch, known.Epochs, known.Step, known.TotalSteps, known.Loss, known.SamplesPerSecond), Is.EqualTo((2, 10, 5L, 50L, 0.25, 900.0)));
        Assert.That(known.Metrics, Is.EqualTo(new Dictionary<string, double> { ["accuracy"] = 0.9 }));
        Assert.That(leader.Board.Get("uid-digits")!.FirstStepAt, Is.Not.Null);
    }

    [Test]
    public async Task A_standby_passes_the_report_on_to_the_leader()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        await using var standby = await Replica.StartAsync(api, leads: false);
        standby.Leadership.Become(new(false, leader.Leadership.Identity, 1));
        using var http = standby.Http(api.AddWorker("digits", 1, 0));

        using var good = await http.PutAsync("/v1/progress", Json("""{"step":5}"""));
        using var bad = await http.PutAsync("/v1/progress", Json("""{"step":-5}"""));

        Assert.That((good.StatusCode, bad.StatusCode), Is.EqualTo((HttpStatusCode.NoContent, HttpStatusCode.BadRequest)));
        Assert.That(await bad.Content.ReadAsStringAsync(), Does.Contain("step").And.Contain("must be a whole number from 0"));
        Assert.That(leader.Board.Get("uid-digits")?.Training?.Step, Is.EqualTo(5));
        Assert.That(standby.Board.Get("uid-digits"), Is.Null);
    }

    [Test]
    public async Task While_nobody_leads_the_answer_is_to_try_again()
    {
        await using var standby = await Replica.StartAsync(api, leads: false);
        using var http = standby.Http(api.AddWorker("digits", 1, 0));

        using var answer = await http.PutAsync("/v1/progress", Json("""{"step":5}"""));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
    }

    [Test]
    public async Task Two_standbys_that_take_each_other_for_the_leader_do_not_send_a_report_in_circles()
    {
        await using var one = await Replica.StartAsync(api, leads: false);
        await using var other = await Replica.StartAsync(api, leads: false);
        one.Leadership.Become(new(false, other.Leadership.Identity, 1));
        other.Leadership.Become(new(false, one.Leadership.Identity, 1));
        using var http = one.Http(api.AddWorker("digits", 1, 0));

        using var answer = await http.PutAsync("/v1/progress", Json("""{"step":5}"""));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Without_a_good_token_nothing_is_recorded()
    {
        api.AddWorker("digits", 1, 0);
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var nobody = leader.Http();
        using var thief = leader.Http("stolen");

        using var none = await nobody.PutAsync("/v1/progress", Json("""{"step":5}"""));
        using var bad = await thief.PutAsync("/v1/progress", Json("""{"step":5}"""));

        Assert.That((none.StatusCode, bad.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)));
        Assert.That(leader.Board.List(), Is.Empty);
    }

    [Test]
    public async Task A_worker_can_only_ever_speak_of_its_own_job()
    {
        api.AddWorker("victim", 1, 0);
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var hostile = leader.Http(api.AddWorker("hostile", 1, 0));

        using var answer = await hostile.PutAsync("/v1/progress?job=team/victim", Json("""{"step":5}"""));

        Assert.That(leader.Board.List().Select(p => p.Job.Name), Is.EqualTo(new[] { "hostile" }));
    }

    [Test]
    public async Task A_worker_that_reports_without_pause_is_slowed_down()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var http = leader.Http(api.AddWorker("digits", 1, 0));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 2000 && !statuses.Contains(HttpStatusCode.TooManyRequests); i++)
        {
            using var answer = await http.PutAsync("/v1/progress", Json("""{"step":5}"""));
            statuses.Add(answer.StatusCode);
        }

        Assert.That(statuses.Take(50), Has.All.EqualTo(HttpStatusCode.NoContent));
        Assert.That(statuses[^1], Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task A_body_larger_than_any_report_is_refused()
    {
        await using var leader = await Replica.StartAsync(api, leads: true);
        using var http = leader.Http(api.AddWorker("digits", 1, 0));

        using var answer = await http.PutAsync("/v1/progress", Json(new string(' ', 20_000) + "{}"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [TestCase("", "the body is not JSON")]
    [TestCase("[]", "the body must be a JSON object")]
    [TestCase("""{"step":1.5}""", "'step' must be a whole number from 0")]
    [TestCase("""{"step":"5"}""", "'step' must be a whole number from 0")]
    [TestCase("""{"epoch":-1}""", "'epoch' must be a whole number from 0")]
    [TestCase("""{"epochs":99999999999}""", "'epochs' must be a whole number from 0")]
    [TestCase("""{"totalSteps":true}""", "'totalSteps' must be a whole number from 0")]
    [TestCase("""{"loss":1e999}""", "'loss' must be a finite number")]
    [TestCase("""{"loss":NaN}""", "the body is not JSON")]
    [TestCase("""{"samplesPerSecond":-1}""", "'samplesPerSecond' must be a finite number from 0")]
    [TestCase("""{"metrics":[1]}""", "'metrics' must be an object of names and finite numbers")]
    [TestCase("""{"metrics":{"a":"b"}}""", "'metrics' must be an object of finite numbers; 'a' is not one")]
    [TestCase("""{"metrics":{"a b":1}}""", "'metrics' must be named by letters")]
    [TestCase("""{"lss":1}""", "'lss' must be left out: known are epoch")]
    public void A_bad_document_is_refused_by_the_name_of_the_field(string body, string problem)
    {
        var read = ProgressDocument.Read(Encoding.UTF8.GetBytes(body), 0, default);

        Assert.That(read.Progress, Is.Null);
        Assert.That(read.Problem, Does.StartWith(problem));
    }

    [Test]
    public void Thirty_two_metrics_are_enough()
    {
        static string Metrics(int n) => "{\"metrics\":{" + string.Join(',', Enumerable.Range(0, n).Select(i => $"\"m{i}\":{i}")) + "}}";

        Assert.That(ProgressDocument.Read(Encoding.UTF8.GetBytes(Metrics(32)), 0, default).Progress!.Metrics, Has.Count.EqualTo(32));
        Assert.That(ProgressDocument.Read(Encoding.UTF8.GetBytes(Metrics(33)), 0, default).Problem, Does.Contain("at most 32"));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
