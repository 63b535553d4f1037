using ActivityHub.Phones.Listening;
using Shouldly;

namespace ActivityHub.Phones.Tests.Listening;

public sealed class CallbackTests
{
    private readonly Callback _callback = new(new Uri("http://127.0.0.1:9/"), "https://hub/feeds/1.atom", "s", _ => { });

    [Fact]
    public void A_challenge_is_echoed_for_the_topic_and_mode_that_were_asked_for_and_no_other()
    {
        _callback.Confirm("subscribe", "https://hub/feeds/2.atom", "c", "600").ShouldBeNull();
        _callback.Confirm("unsubscribe", _callback.Topic, "c", null).ShouldBeNull();
        _callback.Confirm("subscribe", _callback.Topic, "", "600").ShouldBeNull();
        _callback.Answered.IsCompleted.ShouldBeFalse();

        _callback.Confirm("subscribe", _callback.Topic, "c", "600").ShouldBe("c");
        _callback.Answered.IsCompletedSuccessfully.ShouldBeTrue();
        _callback.LeaseSeconds.ShouldBe(600);
    }

    [Fact]
    public void Once_it_leaves_only_the_end_is_confirmed()
    {
        _callback.Leave();

        _callback.Confirm("subscribe", _callback.Topic, "c", "600").ShouldBeNull();
        _callback.Confirm("unsubscribe", _callback.Topic, "c", null).ShouldBe("c");
        _callback.Ended.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task A_denial_ends_the_wait_with_its_reason()
    {
        _callback.Deny("https://elsewhere/", "no").ShouldBeFalse();
        _callback.Deny(_callback.Topic, "the grant has ended").ShouldBeTrue();

        (await _callback.Answered).ShouldBe("the grant has ended");
    }

    [Fact]
    public void Its_path_cannot_be_guessed_and_is_its_own()
    {
        var other = new Callback(new Uri("http://127.0.0.1:9/"), _callback.Topic, null, _ => { });

        other.Path.ShouldNotBe(_callback.Path);
        _callback.Path.Length.ShouldBeGreaterThanOrEqualTo("/callbacks/".Length + 40);
    }
}
